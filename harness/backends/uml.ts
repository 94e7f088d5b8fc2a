import { readFile } from 'node:fs/promises';
import type { Backend } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { makeInitramfs } from '../kernels/initramfs.ts';
import { installedUml } from '../kernels/local.ts';
import { modulesInLoadOrder } from '../kernels/modules.ts';
import { compareVersions } from '../kernels/versions.ts';
import { LIMIT } from '../protocol/protocol.ts';
import { awaitBoot, machineOf, startGuest } from './machine.ts';
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

/** From this version on UML asks the host how large a CPU's registers are. */
const FIRST_WITH_LARGE_REGISTERS = '6.13';

/** A kernel that is a program: no virtualisation needed. */
export const uml: Backend = {
  name: 'uml',

  async unavailable() {
    if (process.arch !== 'x64') return `UML does not run on ${process.arch}`;
    const installed = await installedUml();
    if (installed === null) return 'UML is not installed: apt-get install user-mode-linux';
    return whyNotOnThisCpu(installed.release, await readFile('/proc/cpuinfo', 'utf8'));
  },

  async boot(request, signal) {
    const { kernel, executorPath, cacheDir, memoryMib = MEMORY_MIB } = request;
    if (kernel.kind !== 'uml') {
      throw new HarnessError('bad-input', `${kernel.imagePath} is no UML program`);
    }
    const why = whyNotOnThisCpu(kernel.release, await readFile('/proc/cpuinfo', 'utf8'));
    if (why !== null) throw new HarnessError('unavailable', why);
    const asked = ['overlay', ...(request.modules ?? [])];
    const modules = await modulesInLoadOrder(kernel, asked, request.moduleFiles);
    const initramfsPath = await makeInitramfs(cacheDir, executorPath, modules);
    const startedMs = performance.now();
    const guest = await startGuest({
      command: kernel.imagePath,
      args: (scratchPath) => umlArgs({ memoryMib, initramfsPath, scratchPath }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      channelFd: CHANNEL_FD,
      consoleFds: [1, 2],
      credit: CREDIT,
    });
    await awaitBoot(guest, request.bootTimeoutMs ?? BOOT_TIMEOUT_MS, signal);
    return machineOf(guest, { backend: 'uml', how: 'cold', bootMs: performance.now() - startedMs });
  },
};

/** Older UML has room for the registers of older CPUs only, and dies when it starts init. */
export function whyNotOnThisCpu(release: string, cpuinfo: string): string | null {
  const isLarge = /^flags\s*:.*\bamx_tile\b/m.test(cpuinfo);
  if (!isLarge || compareVersions(release, FIRST_WITH_LARGE_REGISTERS) >= 0) return null;
  return `UML ${release} cannot save the registers of a CPU with AMX (6.13 and later can)`;
}

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
