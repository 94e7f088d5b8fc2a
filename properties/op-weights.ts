import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import { IS_EXPORTED, IS_VOLATILE } from './options.ts';

/** How often an operation comes before swarm weights. */
export type Weights = Readonly<Partial<Record<OpName, number>>>;

/** How often an operation comes before swarm weights; 4 unless said otherwise. */
const BASE_WEIGHTS: Weights = {
  open: 20,
  rename: 10,
  unlink: 8,
  rmdir: 6,
  link: 7,
  mkdir: 6,
  write: 6,
  getdents: 5,
  setxattr: 3,
  fdatasync: 2,
  fsync: 3,
  syncfs: 1,
  statfs: 1,
  access: 2,
  getxattr: 2,
  lgetxattr: 2,
  fgetxattr: 2,
  listxattr: 2,
  llistxattr: 2,
  readlink: 2,
  clone: 1,
  munmap: 3,
  msync: 3,
  lease: 2,
  openat2: 2,
  pwritev2: 3,
  readahead: 1,
  fadvise: 1,
  syncFileRange: 1,
  execute: 1,
  reopenFd: 3,
  fdPath: 3,
  getFlags: 1,
  getXflags: 1,
  setFlags: 1,
  toggleXflags: 2,
  sendfile: 1,
  sendfileTo: 1,
  getcwd: 1,
  ofdLock: 3,
  flock: 3,
  umask: 2,
  fchmodat2: 2,
  readMap: 6,
  writeMap: 6,
  fchmod: 5,
  fchown: 4,
  close: 2,
  encodeHandle: 2,
  encodeFdHandle: 2,
  openHandle: 1,
  openHandleCold: 1,
  mountOther: 1,
  dropCaches: 3,
  remount: 2,
};

const EXPORT_WEIGHTS: Weights = {
  encodeHandle: 14,
  encodeFdHandle: 6,
  openHandle: 14,
  openHandleCold: 8,
  dropCaches: 8,
  remount: 4,
  mountOther: 3,
};

/** What was mounted volatile is not mounted again: such a step would be the last one. */
const LAST_MOUNT_WEIGHTS: Weights = {
  remount: 0,
  mountOther: 0,
  fsync: 4,
  fdatasync: 4,
  syncfs: 4,
};

/** Where nothing can be changed: what would change something need not be tried often. */
export const READ_ONLY_WEIGHTS: Weights = {
  ...Object.fromEntries(Object.keys(OPS).map((op) => [op, 1])),
  ...{ open: 14, getdents: 14, encodeHandle: 6, encodeFdHandle: 4, openHandle: 8 },
  ...{ openHandleCold: 4, dropCaches: 6, remount: 3, mountOther: 4, stat: 4, read: 4, mmap: 4 },
  ...{ readMap: 6, getcwd: 3, flock: 3, close: 2, statx: 3, fstat: 3, access: 4 },
};

export function weightsFor(options: string): Weights {
  if (IS_VOLATILE.test(options)) return { ...BASE_WEIGHTS, ...LAST_MOUNT_WEIGHTS };
  return IS_EXPORTED.test(options) ? { ...BASE_WEIGHTS, ...EXPORT_WEIGHTS } : BASE_WEIGHTS;
}
