import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { release } from 'node:os';
import { writeFileAtomically } from '../atomic-file.ts';
import type { Accelerator } from './qemu-args.ts';

const KVM_DEVICE = '/dev/kvm';

export interface AcceleratorChoice {
  /** What to try: one that is known to work, or several, of which the last one always works. */
  readonly candidates: readonly Accelerator[];
  /** Notes which candidate has booted, so that this host is not asked again until it reboots. */
  readonly remember: (booted: Accelerator) => Promise<void>;
}

/**
 * KVM's device can exist, answer, and still run no kernel. Only a boot is a proof, and it is made
 * once for each boot of this host and each QEMU.
 */
export async function chooseAccelerator(
  cacheDir: string,
  qemuIdentity: string,
): Promise<AcceleratorChoice> {
  const isOurs = await access(KVM_DEVICE, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isOurs) return { candidates: ['tcg'], remember: () => Promise.resolve() };
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const asked = `${qemuIdentity} ${release()} ${bootId.trim()}`;
  const file = join(cacheDir, 'kvm-proof');
  const [known, booted] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (known === asked && (booted === 'kvm' || booted === 'tcg')) {
    return { candidates: [booted], remember: () => Promise.resolve() };
  }
  return {
    candidates: ['kvm', 'tcg'],
    async remember(accelerator) {
      await mkdir(cacheDir, { recursive: true });
      await writeFileAtomically(file, `${asked}\n${accelerator}\n`);
    },
  };
}

/**
 * Starts on all accelerators at once, and takes the one that is up first. One that does not work
 * may hang, and no deadline could be told from a slow host; one that is slower is not wanted.
 */
export async function firstUp<T extends AsyncDisposable>(
  candidates: readonly Accelerator[],
  start: (accelerator: Accelerator, stop: AbortSignal) => Promise<T>,
): Promise<{ readonly accelerator: Accelerator; readonly machine: T }> {
  const stop = new AbortController();
  const attempts = candidates.map(async (accelerator) => {
    return { accelerator, machine: await start(accelerator, stop.signal) };
  });
  const first = await Promise.any(attempts).catch(() => null);
  stop.abort();
  for (const attempt of await Promise.allSettled(attempts)) {
    if (attempt.status === 'fulfilled' && attempt.value !== first) {
      await attempt.value.machine[Symbol.asyncDispose]();
    }
  }
  // Of none that came up, the last one tells why: it is the one that should have.
  return first ?? attempts[attempts.length - 1] ?? Promise.reject(new RangeError('no candidate'));
}
