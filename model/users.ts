import type { User } from './ops/index.ts';
import type { Credentials } from './state.ts';

export const USERS: Readonly<Record<User, Credentials>> = {
  root: { uid: 0, gid: 0 },
  alice: { uid: 1000, gid: 1000 },
  bob: { uid: 1001, gid: 1001 },
};
