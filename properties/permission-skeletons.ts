import { BOUND } from '../model/flags.ts';
import type { OpName } from '../model/ops/index.ts';
import { CAPABILITY, VALID_ACLS } from './arbitraries.ts';
import { chance, pick, some } from './draw.ts';
import { parentOf } from './guess.ts';
import { childrenOf, drawStep, hold, make, nameIn, takeName } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeFile, changeObject, forget, freeName, fresh, KINDS } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/** What is made in a directory inherits its list, where nothing was and where something was. */
export function* inheritLists(scope: Scope): Steps {
  const { random } = scope;
  // What is there has something below it, so that a whiteout is what it leaves.
  const isMerged = chance(random, 60);
  const dir = isMerged ? parentOf(scope.lowerOnly('file', 'dir')) : scope.path('dir');
  const list = { name: 'system.posix_acl_default', value: pick(random, VALID_ACLS), flags: [] };
  yield drawStep(scope, 'setxattr', { path: dir, ...list });
  if (chance(random, 30)) yield drawStep(scope, 'chmod', { path: dir, mode: 0o2775 });
  for (let objects = random.nextInt(2, 4); objects > 0; objects--) {
    const inside = childrenOf(scope, dir);
    const isTaken = inside.length > 0 && chance(random, 70);
    const path = isTaken ? pick(random, inside) : nameIn(scope, dir);
    if (isTaken) yield* takeName(scope, path);
    yield make(scope, pick(random, ['dir', 'dir', 'file', 'file', 'other']), path);
    if (chance(random, 80)) continue;
    const slot = random.nextInt(0, BOUND.slots - 1);
    yield drawStep(scope, 'open', { slot, path: dir, flags: ['O_RDWR', 'O_TMPFILE'] });
  }
}

/** Who owns a file but is not in its group sets a list or flags, and loses what was lent. */
export function* listOfOwner(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file', 'dir');
  const gid = pick(random, [0, 1001]);
  const mode = pick(random, [0o2755, 0o2775, 0o6755]);
  const list = { name: 'system.posix_acl_access', value: pick(random, VALID_ACLS), flags: [] };
  yield byRoot(drawStep(scope, 'chown', { path, uid: 1000, gid }));
  yield byRoot(drawStep(scope, 'chmod', { path, mode }));
  if (chance(random, 30)) {
    const fd = random.nextInt(0, BOUND.slots - 1);
    yield byRoot(hold(scope, fd, path));
    yield { ...drawStep(scope, 'toggleXflags', { fd, flags: ['FS_NOATIME_FL'] }), as: 'alice' };
  } else {
    yield { ...drawStep(scope, 'setxattr', { path, ...list }), as: 'alice' };
  }
}

/** What is made in a directory of a group belongs to the group, where something was, too. */
export function* inheritGroup(scope: Scope): Steps {
  const { random } = scope;
  const dir = scope.path('dir');
  const gid = pick(random, [1000, 1001]);
  yield byRoot(drawStep(scope, 'lchown', { path: dir, gid }));
  const mode = pick(random, [0o2777, 0o2775, 0o3777, 0o2755]);
  yield byRoot(drawStep(scope, 'chmod', { path: dir, mode }));
  for (let objects = random.nextInt(2, 4); objects > 0; objects--) {
    const inside = childrenOf(scope, dir);
    const isTaken = inside.length > 0 && chance(random, 70);
    const path = isTaken ? pick(random, inside) : freeName(scope, dir);
    if (isTaken) yield* takeName(scope, path);
    yield make(scope, pick(random, KINDS), path);
  }
  if (chance(random, 20)) {
    const slot = random.nextInt(0, BOUND.slots - 1);
    yield drawStep(scope, 'open', { slot, path: dir, flags: ['O_RDWR', 'O_TMPFILE'] });
  }
}

/** Flags that new objects inherit come to objects that cannot be told to have any. */
export function* inheritFlags(scope: Scope): Steps {
  const { random } = scope;
  const dir = scope.path('dir');
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, dir));
  const flags = [pick(random, ['FS_NOATIME_FL', 'FS_NOATIME_FL', 'FS_NODUMP_FL', 'FS_SYNC_FL'])];
  yield byRoot(drawStep(scope, 'toggleXflags', { fd, flags }));
  const paths: string[] = [];
  for (let objects = random.nextInt(2, 4); objects > 0; objects--) {
    const path = freeName(scope, dir);
    yield byRoot(fresh(scope, pick(random, ['symlink', 'symlink', 'other', 'file', 'dir']), path));
    paths.push(path);
  }
  yield chance(random, 80) ? { op: 'rotate', args: {} } : forget(scope);
  for (const path of paths) yield* changeObject(scope, path, 90);
}

/** Changes of an object are forbidden, or allowed again, and that outlives the caches. */
export function* protectionStays(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file', 'dir') : scope.path('file', 'dir');
  const flags = [pick(random, ['FS_IMMUTABLE_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL'])];
  for (let turns = random.nextInt(1, 3); turns > 0; turns--) {
    const fd = random.nextInt(0, BOUND.slots - 1);
    yield byRoot(hold(scope, fd, path));
    yield byRoot(drawStep(scope, 'toggleXflags', { fd, flags }));
    if (chance(random, 60)) yield forget(scope);
    if (chance(random, 60)) yield* changeObject(scope, path, 70);
  }
}

const ASKED_OF_NAMES: readonly OpName[] = [
  ...(['listxattr', 'llistxattr', 'getxattr', 'lgetxattr', 'stat', 'statx', 'access'] as const),
  ...(['readlink', 'open', 'openat2', 'execute'] as const),
];
const TRIED_ON_NAMES: readonly OpName[] = [
  ...(['chmod', 'lchown', 'utimens', 'truncate', 'lsetxattr', 'lremovexattr'] as const),
  ...(['link', 'rename', 'unlink', 'rmdir'] as const),
];

/** Who does not own an object asks for all that can be known of it, and tries to change it. */
export function* triedByOthers(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 65)
    ? scope.lowerOnly('file', 'file', 'dir', 'symlink', 'other')
    : scope.path();
  const as = chance(random, 70) ? 'alice' : 'bob';
  const ops = [
    ...some(random, ASKED_OF_NAMES, random.nextInt(2, 5)),
    ...some(random, TRIED_ON_NAMES, random.nextInt(0, 3)),
  ];
  for (const op of ops) yield { ...drawStep(scope, op, { path, from: path, size: 4096 }), as };
}

/** A file that was written to gets privileges by one of its names, and changes by another. */
export function* privilegesByOtherName(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const other = scope.newPath();
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(drawStep(scope, 'open', { slot: fd, path, flags: ['O_RDWR'] }));
  if (chance(random, 70)) yield byRoot(drawStep(scope, 'pwrite', { fd, bytes: 'x', offset: 0 }));
  yield byRoot(drawStep(scope, 'link', { from: path, to: other, flags: [] }));
  const capability = { name: 'security.capability', value: CAPABILITY, flags: [] };
  for (const name of chance(random, 80) ? [other] : [other, path]) {
    const op = pick(random, ['setxattr', 'setxattr', 'chmod'] as const);
    yield byRoot(drawStep(scope, op, { path: name, mode: 0o6777, ...capability }));
  }
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    const op = pick(random, ['ftruncate', 'ftruncate', 'truncate', 'pwrite', 'fallocate'] as const);
    yield drawStep(scope, op, { fd, path, offset: 0 });
  }
}

/** A capability is set, copied up and lost, in any order. */
export function* lifeOfCapability(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file');
  const name = 'security.capability';
  if (chance(random, 50)) yield* changeFile(scope, path, true);
  yield byRoot(drawStep(scope, 'setxattr', { path, name, value: CAPABILITY, flags: [] }));
  if (chance(random, 25)) yield { op: 'rotate', args: {} };
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    yield* changeFile(scope, path, chance(random, 50));
    yield drawStep(scope, 'getxattr', { path, name, size: 64 });
  }
}
