import type { User } from './ops/index.ts';
import type { Credentials } from './state.ts';
import { USERS } from './users.ts';

/**
 * Root of a user namespace that mounts the overlay: outside of it, it is one of the users. All ids
 * of the outside are inside, too, with this one and root in each other's place.
 */
export interface Mounter {
  readonly as: User;
}

/** So many of them; there is none beyond. */
export const MAPPED_IDS = 4_294_967_295;

/** Whose credentials a mount works with on its layers. */
export interface MountCredentials extends Credentials {
  /** Root of the machine: capable of what no user namespace gives. */
  readonly isPrivileged: boolean;
}

const ROOT: MountCredentials = { ...USERS.root, isPrivileged: true };

export function credentialsOf(mounter: Mounter | undefined): MountCredentials {
  return mounter === undefined ? ROOT : { ...USERS[mounter.as], isPrivileged: false };
}
