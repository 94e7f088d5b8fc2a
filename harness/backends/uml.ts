import { dirname } from 'node:path';
import type { Backend } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { makeInitramfs } from '../kernels/initramfs.ts';
import { installedUml } from '../kernels/local.ts';
import { modulesInLoadOrder } from '../kernels/modules.ts';
import { whyNotHere } from '../kernels/uml-cpu.ts';
import { LIMIT } from '../protocol/protocol.ts';
import { awaitBoot, machineOf, startGuest } from './machine.ts';
import { memoryFolder } from './uml-memory.ts';
import { NOT_OUR_SUBJECT, STOP_AT_TROUBLE } from './qemu-args.ts';

const BOOT_TIMEOUT_MS = 30_000;
const MEMORY_MIB = 256;
const CHANNEL_FD = 3;

/**
 * When a page of what a serial line got is not read yet, UML stops listening on it and never begins
 * again. So no more is sent than fits, and on a line of its own the executor tells what it has
 * read.
 */
const CREDIT = { windowBytes: 3072, grantBytes: LIMIT.creditBytes, grantsFd: 4 };

/** A kernel that is a program: no virtualisation needed. */
export const uml: Backend = {
  name: 'uml',

  unavailable() {
    return Promise.resolve(process.arch === 'x64' ? null : `UML does not run on ${process.arch}`);
  },

  async limits() {
    const installed = await installedUml();
    const why = installed === null ? null : await whyNotHere(installed.release);
    return why === null ? null : `the installed ${why}`;
  },

  async boot(request, signal) {
    const { kernel, executorPath, cacheDir, memoryMib = MEMORY_MIB } = request;
    if (kernel.kind !== 'uml') {
      throw new HarnessError('bad-input', `${kernel.imagePath} is no UML program`);
    }
    const asked = ['overlay', ...(request.modules ?? [])];
    const modules = await modulesInLoadOrder(kernel, asked, request.moduleFiles);
    const initramfsPath = await makeInitramfs(cacheDir, executorPath, modules);
    const startedMs = performance.now();
    const guest = await startGuest({
      command: kernel.imagePath,
      cwd: dirname(kernel.imagePath),
      env: async (scratchPath) => ({ TMPDIR: await memoryFolder(memoryMib, scratchPath) }),
      args: (scratchPath) => umlArgs({ memoryMib, initramfsPath, scratchPath }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      channelFd: CHANNEL_FD,
      consoleFds: [1, 2],
      credit: CREDIT,
    });
    await awaitBoot(guest, request.bootTimeoutMs ?? BOOT_TIMEOUT_MS, signal);
    const bootMs = performance.now() - startedMs;
    // UML reads its serial lines a byte at a time, with a call to the host for each.
    return machineOf(guest, { backend: 'uml', how: 'cold', bootMs, packsPrograms: true });
  },
};

export interface UmlMachine {
  readonly memoryMib: number;
  readonly initramfsPath: string;
  readonly scratchPath: string;
}

export function umlArgs({ memoryMib, initramfsPath, scratchPath }: UmlMachine): readonly string[] {
  return [
    `mem=${memoryMib}M`,
    `initrd=${initramfsPath}`,
    // Its pid file and control socket; by default they would be in the home folder.
    `uml_dir=${scratchPath}`,
    'umid=uml',
    // From 6.16 on: processes of the guest are traced by a filter, at half the cost of ptrace.
    'seccomp=auto',
    // The console is our stdout, the first two serial lines are the channel and its credit.
    ...['con0=null,fd:1', 'con=null', `ssl0=fd:${CHANNEL_FD}`],
    ...[`ssl1=fd:${CREDIT.grantsFd}`, 'ssl=null'],
    ...['OVL_CHANNEL=/dev/ttyS0', 'OVL_CREDIT=/dev/ttyS1'],
    'loglevel=5',
    ...STOP_AT_TROUBLE,
    ...NOT_OUR_SUBJECT,
  ];
}
