import type { Backend, BackendName } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { namespace } from './namespace.ts';
import { qemu } from './qemu.ts';
import { uml } from './uml.ts';

/** Every backend, the best one first: a VM wherever one runs, never silently the host. */
export const BACKENDS: readonly Backend[] = [qemu, uml, namespace];

export interface BackendChoice {
  readonly backend: Backend;
  /** Why this one: the first line of what a campaign prints. */
  readonly reason: string;
}

/** The backend that was asked for, or the best one that this host can use. */
export async function chooseBackend(
  asked: BackendName | null,
  kernelSpec: string,
): Promise<BackendChoice> {
  if (asked !== null) {
    const backend = BACKENDS.find(({ name }) => name === asked);
    if (backend === undefined) throw new HarnessError('bad-input', `no backend ${asked}`);
    const why = await backend.unavailable();
    if (why !== null) throw new HarnessError('unavailable', `${asked}: ${why}`);
    return { backend, reason: 'as asked' };
  }
  if (kernelSpec === 'host') {
    const why = await namespace.unavailable();
    if (why !== null) throw new HarnessError('unavailable', `namespace: ${why}`);
    return { backend: namespace, reason: "the host's own kernel was asked for" };
  }
  const missing: string[] = [];
  for (const backend of BACKENDS) {
    const why = await backend.unavailable();
    if (why === null) {
      const reason = missing.length === 0 ? 'the best one works here' : missing.join('; ');
      return { backend, reason };
    }
    missing.push(`${backend.name}: ${why}`);
  }
  throw new HarnessError('unavailable', missing.join('; '));
}
