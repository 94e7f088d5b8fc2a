import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { release } from 'node:os';
import { writeFileAtomically } from '../atomic-file.ts';
import type { Accelerator } from './qemu-args.ts';

const KVM_DEVICE = '/dev/kvm';

export interface AcceleratorChoice {
  /** What to try, best first: the last one always works. */
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
