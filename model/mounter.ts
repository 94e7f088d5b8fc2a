import type { User } from './ops/index.ts';
import type { Credentials } from './state.ts';
import { USERS } from './users.ts';

/** Root of a user namespace that mounts the overlay: outside of it, it is one of the users. */
export interface Mounter {
  readonly as: User;
  /** Which ids of the outside there are inside: all, two of them swapped, or its own alone. */
  readonly maps: 'all ids' | 'own id';
}

/** So many of them; there is none beyond. */
export const MAPPED_IDS = 4_294_967_295;

/** Whose credentials a mount works with on its layers. */
export interface MountCredentials extends Credentials {
  /** Root of the machine: capable of what no user namespace gives. */
  readonly isPrivileged: boolean;
  readonly maps: Mounter['maps'];
}

const ROOT: MountCredentials = { ...USERS.root, isPrivileged: true, maps: 'all ids' };

export function credentialsOf(mounter: Mounter | undefined): MountCredentials {
  if (mounter === undefined) return ROOT;
  return { ...USERS[mounter.as], isPrivileged: false, maps: mounter.maps };
}
