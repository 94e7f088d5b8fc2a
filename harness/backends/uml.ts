import { findOnPath, start } from '../process.ts';
import type { Backend } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { makeInitramfs } from '../kernels/initramfs.ts';
import { modulesInLoadOrder } from '../kernels/modules.ts';
import { makeScratchFolder } from '../scratch.ts';
import { awaitBoot, machineOf, superviseGuest } from './machine.ts';
import { NOT_OUR_SUBJECT, STOP_AT_TROUBLE } from './qemu-args.ts';

/** The channel: a socket of ours that the machine has as its first serial line. */
const CHANNEL_FD = 3;
const MEMORY_MIB = 192;
const BOOT_TIMEOUT_MS = 30_000;

/** What Debian's package installs; `umlKernel` of kernels/uml.ts finds it. */
export const UML_COMMAND = 'linux.uml';

/** User-mode Linux: a kernel as a process, with no virtualisation. */
export const uml: Backend = {
  name: 'uml',

  async unavailable() {
    if ((await findOnPath(UML_COMMAND)) !== null) return null;
    return `${UML_COMMAND} is not installed: apt-get install user-mode-linux`;
  },

  async boot({ kernel, executorPath, cacheDir, bootTimeoutMs, ...request }, signal) {
    if (kernel.kind !== 'uml') {
      throw new HarnessError('bad-input', `${kernel.imagePath} is no user-mode kernel`);
    }
    const startedMs = performance.now();
    const asked = ['overlay', ...(request.modules ?? [])];
    const modules = await modulesInLoadOrder(kernel, asked, request.moduleFiles);
    const initramfs = await makeInitramfs(cacheDir, executorPath, modules);
    const scratch = await makeScratchFolder();
    const cleanUp = (): Promise<void> => Promise.resolve(scratch[Symbol.asyncDispose]());
    // The memory of the machine is a file in TMPDIR.
    const env = { TMPDIR: scratch.path };
    const args = umlArgs(initramfs, scratch.path, request.memoryMib ?? MEMORY_MIB);
    const child = await start(kernel.imagePath, args, ['ignore', 'pipe', 'ignore', 'pipe'], env);
    await scratch.noteProcess(child.pid);
    const channel = child.duplex(CHANNEL_FD);
    const guest = superviseGuest(child, channel, child.readable(1), cleanUp);
    try {
      await awaitBoot(guest, bootTimeoutMs ?? BOOT_TIMEOUT_MS, signal);
    } catch (error) {
      await guest.dispose();
      throw error;
    }
    const bootMs = performance.now() - startedMs;
    return machineOf(guest, { backend: 'uml', how: 'cold', bootMs });
  },
};

export function umlArgs(initramfs: string, dir: string, memoryMib: number): string[] {
  return [
    `mem=${memoryMib}M`,
    `initrd=${initramfs}`,
    `uml_dir=${dir}/`,
    'umid=vm',
    // Output of the console is ours, and nothing can be typed into it.
    'con0=null,fd:1',
    'con=null',
    `ssl0=fd:${CHANNEL_FD}`,
    'ssl=null',
    'OVL_CHANNEL=/dev/ttyS0',
    ...STOP_AT_TROUBLE,
    ...NOT_OUR_SUBJECT,
  ];
}
