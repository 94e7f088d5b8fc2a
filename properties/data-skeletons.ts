import { BOUND } from '../model/flags.ts';
import type { OpName } from '../model/ops/index.ts';
import { chance, pick, some } from './draw.ts';
import { drawStep, hold } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeFile, changeObject, forget, readFile } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/** What may be asked of any open file, and leaves it where it is. */
const ASKED: readonly OpName[] = [
  ...(['fsync', 'fdatasync', 'dedupe', 'clone', 'fsIoctl', 'readahead', 'fadvise'] as const),
  ...(['syncFileRange', 'lseek', 'sendfileTo', 'copyFileRange', 'getFlags'] as const),
  ...(['getXflags', 'fallocate', 'read', 'fstat'] as const),
];

/**
 * Files of lower layers are open, mostly for reading alone, and asked for what their own file
 * system has an answer to: nothing of it may copy a file up that is not to be written.
 */
export function* askOfFiles(scope: Scope): Steps {
  const { random } = scope;
  const fd = random.nextInt(0, BOUND.slots - 1);
  const toFd = chance(random, 25) ? fd : (fd + 1) % BOUND.slots;
  const path = scope.lowerOnly('file');
  yield byRoot(hold(scope, fd, path));
  if (toFd !== fd) {
    const other = chance(random, 20) ? path : scope.lowerOnly('file');
    const flags = [chance(random, 50) ? 'O_RDWR' : 'O_RDONLY'];
    yield byRoot(drawStep(scope, 'open', { slot: toFd, path: other, flags }));
  }
  const start = { offset: 0, toOffset: 0, size: pick(random, [0, 1, 1, 4096]) };
  const range = chance(random, 75) ? start : {};
  for (const op of some(random, ASKED, random.nextInt(4, 8))) {
    const [from, to] = chance(random, 85) ? [fd, toFd] : [toFd, fd];
    const ends = op === 'clone' ? { fromFd: from, fd: to } : { fd: from, toFd: to };
    yield byRoot(drawStep(scope, op, { ...range, ...ends }));
  }
}

/** A file of which upper has attributes alone is to share its data, or a copy, with another one. */
export function* shareOfCopies(scope: Scope): Steps {
  const { random } = scope;
  const from = scope.lowerOnly('file');
  const to = chance(random, 50) ? scope.lowerOnly('file') : scope.path('file');
  yield* changeFile(scope, from, chance(random, 85));
  if (chance(random, 20)) yield forget(scope);
  const fd = random.nextInt(0, BOUND.slots - 1);
  const toFd = (fd + 1) % BOUND.slots;
  yield byRoot(hold(scope, fd, from));
  yield byRoot(drawStep(scope, 'open', { slot: toFd, path: to, flags: ['O_RDWR'] }));
  const range = { offset: 0, toOffset: 0, size: pick(random, [0, 1, 1, 1, 1, 5]) };
  const ops = ['dedupe', 'dedupe', 'clone', 'copyFileRange'] as const;
  for (const op of some(random, ops, random.nextInt(1, 2))) {
    const isThere = op === 'dedupe' || chance(random, 85);
    const [source, target] = isThere ? [fd, toFd] : [toFd, fd];
    const ends = op === 'clone' ? { fromFd: source, fd: target } : { fd: source, toFd: target };
    yield byRoot(drawStep(scope, op, { ...range, ...ends }));
  }
  yield drawStep(scope, 'pread', { fd: toFd, offset: 0 });
}

/** A file with several names changes by one of them, and is used by another. */
export function* otherNameOfCopy(scope: Scope): Steps {
  const { random, links } = scope;
  let [one, other] = links.length > 0 ? pick(random, links) : [scope.lowerOnly('file'), null];
  if (other === null) {
    other = scope.newPath();
    yield byRoot(drawStep(scope, 'link', { from: one, to: other, flags: [] }));
  }
  if (chance(random, 50)) [one, other] = [other, one];
  yield* changeFile(scope, one, chance(random, 65));
  if (chance(random, 45)) yield forget(scope);
  yield* changeFile(scope, other, chance(random, 40));
  for (let uses = random.nextInt(1, 3); uses > 0; uses--) {
    const path = pick(random, [one, other]);
    if (chance(random, 40)) {
      yield* readFile(scope, path);
    } else {
      const op = pick(random, ['unlink', 'unlink', 'stat', 'rename', 'link'] as const);
      yield drawStep(scope, op, { path, from: path });
    }
  }
}

/** What was copied up becomes a lower layer, above what it was copied from, and is copied again. */
export function* copyOverLayers(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file', 'file', 'file', 'dir');
  yield* changeObject(scope, path, 85);
  yield { op: 'rotate', args: {} };
  if (chance(random, 30)) {
    yield* changeObject(scope, path, 85);
    yield { op: 'rotate', args: {} };
  }
  if (chance(random, 40)) yield* readFile(scope, path);
  yield* changeObject(scope, path, 40);
  yield* readFile(scope, path);
}

/** An open file is told to append, or to append no more, before or after it is copied up. */
export function* appendLater(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  const appends = chance(random, 50);
  const flags = appends ? ['O_RDWR', 'O_APPEND'] : ['O_RDWR'];
  yield byRoot(drawStep(scope, 'open', { slot: fd, path, flags }));
  if (chance(random, 60)) yield drawStep(scope, 'write', { fd });
  if (chance(random, 30)) yield drawStep(scope, 'lseek', { fd, whence: 'SEEK_SET', offset: 0 });
  const told = chance(random, 85) !== appends ? ['O_APPEND'] : [];
  yield byRoot(drawStep(scope, 'setStatusFlags', { fd, flags: told }));
  if (chance(random, 15)) {
    const other = (fd + 1) % BOUND.slots;
    yield byRoot(drawStep(scope, 'open', { slot: other, path, flags: ['O_RDONLY'] }));
    yield byRoot(drawStep(scope, 'toggleXflags', { fd: other, flags: ['FS_APPEND_FL'] }));
  }
  yield drawStep(scope, pick(random, ['write', 'pwrite', 'write']), { fd });
  yield drawStep(scope, 'pread', { fd, offset: 0 });
}

/** A lower file is copied up for what is not data, and then, perhaps later, for its data. */
export function* dataAfterMetadata(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  if (chance(random, 40)) yield byRoot(hold(scope, fd, path));
  if (chance(random, 75)) {
    const op = pick(random, ['chmod', 'lchown', 'utimens', 'link'] as const);
    yield byRoot(drawStep(scope, op, { path, from: path }));
  }
  if (chance(random, 30)) yield drawStep(scope, 'remount', {});
  if (chance(random, 50)) {
    yield byRoot(drawStep(scope, 'truncate', { path }));
  } else {
    const slot = (fd + 1) % BOUND.slots;
    yield byRoot(drawStep(scope, 'open', { slot, path, flags: ['O_RDWR'] }));
    yield drawStep(scope, 'write', { fd: slot });
  }
  yield drawStep(scope, 'read', { fd });
}
