import type { Backend, BackendName } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { namespace } from './namespace.ts';
import { qemu } from './qemu.ts';
import { uml } from './uml.ts';

/** Every backend, best first: a VM wherever one runs, since a kernel bug can harm this machine. */
export const BACKENDS = { qemu, uml, namespace } as const satisfies Record<BackendName, Backend>;

export interface BackendChoice {
  readonly backend: Backend;
  /** A sentence for the first line of output. */
  readonly because: string;
}

/** The backend that is asked for, or the best one that works here. */
export async function chooseBackend(asked?: string): Promise<BackendChoice> {
  if (asked !== undefined) return { backend: await named(asked), because: 'it was asked for' };
  const refused: string[] = [];
  for (const backend of Object.values(BACKENDS)) {
    const why = await backend.unavailable();
    if (why === null) {
      const because = refused.length === 0 ? 'it is the best one' : refused.join('; ');
      return { backend, because };
    }
    refused.push(`no ${backend.name}: ${why}`);
  }
  throw new HarnessError('unavailable', `no backend works here: ${refused.join('; ')}`);
}

async function named(name: string): Promise<Backend> {
  const backend = Object.values(BACKENDS).find((other) => other.name === name);
  if (backend === undefined) {
    const names = Object.keys(BACKENDS).join(', ');
    throw new HarnessError('bad-input', `${name} is no backend; there are ${names}`);
  }
  const why = await backend.unavailable();
  if (why !== null) throw new HarnessError('unavailable', `backend ${name}: ${why}`);
  return backend;
}
