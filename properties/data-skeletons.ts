import { BOUND } from '../model/flags.ts';
import type { OpName } from '../model/ops/index.ts';
import { chance, pick } from './draw.ts';
import { drawStep, hold } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/** What may be asked of any open file, and leaves it where it is. */
const ASKED: readonly OpName[] = [
  ...(['fsync', 'fsync', 'fdatasync', 'fdatasync', 'dedupe', 'dedupe', 'dedupe'] as const),
  ...([
    'clone',
    'fsIoctl',
    'readahead',
    'fadvise',
    'syncFileRange',
    'lseek',
    'sendfileTo',
    'copyFileRange',
  ] as const),
  ...(['getFlags', 'getXflags', 'fallocate', 'read', 'fstat'] as const),
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
    const other = chance(random, 40) ? path : scope.lowerOnly('file');
    const flags = [chance(random, 60) ? 'O_RDWR' : 'O_RDONLY'];
    yield byRoot(drawStep(scope, 'open', { slot: toFd, path: other, flags }));
  }
  const start = { offset: 0, toOffset: 0, size: pick(random, [0, 1, 1, 4096]) };
  const range = chance(random, 75) ? start : {};
  for (let asked = random.nextInt(1, 3); asked > 0; asked--) {
    const [from, to] = chance(random, 70) ? [fd, toFd] : [toFd, fd];
    const op = pick(random, ASKED);
    const ends = op === 'clone' ? { fromFd: from, fd: to } : { fd: from, toFd: to };
    yield byRoot(drawStep(scope, op, { ...range, ...ends }));
  }
}
