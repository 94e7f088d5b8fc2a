import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { Backend } from '../backend.ts';
import { start } from '../process.ts';
import { awaitBoot, machineOf, superviseGuest } from './machine.ts';

const BOOT_TIMEOUT_MS = 10_000;

/** This host's own kernel, in namespaces with nothing of the host in them. */
export const namespace: Backend = {
  name: 'namespace',

  unavailable() {
    if (process.getuid?.() !== 0) {
      // In a user namespace overlay cannot store trusted xattrs, which is what scenarios look at.
      return Promise.resolve('needs root: overlayfs keeps its marks in trusted xattrs');
    }
    const isThere = readFileSync('/proc/filesystems', 'latin1').includes('\toverlay\n');
    return Promise.resolve(isThere ? null : 'this kernel has no overlayfs: modprobe overlay');
  },

  async boot({ executorPath, bootTimeoutMs }, signal) {
    const startedMs = performance.now();
    const child = await start(executorPath, ['--namespace'], ['pipe', 'pipe', 'pipe']);
    const channel = Duplex.from({ readable: child.readable(1), writable: child.writable(0) });
    const guest = superviseGuest(child, channel, child.readable(2), () => Promise.resolve());
    try {
      await awaitBoot(guest, bootTimeoutMs ?? BOOT_TIMEOUT_MS, signal);
    } catch (error) {
      await guest.dispose();
      throw error;
    }
    const bootMs = performance.now() - startedMs;
    return machineOf(guest, { backend: 'namespace, this host', how: 'cold', bootMs });
  },
};
