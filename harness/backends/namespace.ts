import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { awaitBoot, machineOf, startGuest } from './machine.ts';

const BOOT_TIMEOUT_MS = 10_000;
const CHANNEL_FD = 3;
const CAP_SYS_ADMIN = 21n;

/**
 * This machine's own kernel, with the executor in namespaces of its own: the fastest inner loop,
 * and no protection for this machine from a kernel bug.
 */
export const namespace: Backend = {
  name: 'namespace',

  async unavailable() {
    const status = await readFile('/proc/self/status', 'utf8');
    const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
    if (((capabilities >> CAP_SYS_ADMIN) & 1n) === 0n) {
      return 'mounting needs root (CAP_SYS_ADMIN): run it with sudo';
    }
    return (await hasOverlay()) ? null : `kernel ${release()} has no overlayfs: modprobe overlay`;
  },

  async boot({ kernel, executorPath, bootTimeoutMs }, signal) {
    if (kernel.kind !== 'running') {
      throw new HarnessError(
        'bad-input',
        'the namespace backend runs only the kernel of this host',
      );
    }
    const startedMs = performance.now();
    // The executor talks on stdin and stdout: one socket for both, where Node would make two.
    const script = `exec "$0" --namespace 0<&${CHANNEL_FD} 1>&${CHANNEL_FD} ${CHANNEL_FD}>&-`;
    const guest = await startGuest({
      command: 'sh',
      args: () => ['-c', script, executorPath],
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      channelFd: CHANNEL_FD,
      consoleFds: [2],
    });
    await awaitBoot(guest, bootTimeoutMs ?? BOOT_TIMEOUT_MS, signal);
    const bootMs = performance.now() - startedMs;
    return machineOf(guest, { backend: 'namespace', how: 'cold', bootMs });
  },
};

/** Whether overlayfs is there, or the kernel can load it when it is mounted. */
async function hasOverlay(): Promise<boolean> {
  const registered = await readFile('/proc/filesystems', 'utf8');
  if (/\boverlay$/m.test(registered)) return true;
  const folder = join('/lib/modules', release());
  const lists = ['modules.dep', 'modules.builtin'].map((name) =>
    readFile(join(folder, name), 'utf8').catch(() => ''),
  );
  return (await Promise.all(lists)).some((list) => list.includes('/overlay.ko'));
}
