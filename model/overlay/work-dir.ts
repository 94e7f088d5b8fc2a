import { profileOf } from '../bases.ts';
import { addName, newInode, removeName, touchMtime } from '../layer.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { Credentials, Overlay, RealFs, RealInode } from '../state.ts';
import type { Marking } from './xattrs.ts';

/** The name that the kernel uses inside of the work directory. */
export const INDEX_NAME = 'index';
const WORK_NAME = 'work';
/** What no other mount may clear away: it names what a mount has to know of an earlier one. */
const INCOMPAT_NAME = 'incompat';
/** Below it the mark of layers that may have lost what was written. */
const VOLATILE_NAMES = ['volatile', 'dirty'] as const;

/** Where a mark is, seen from the directory that is mounted with. */
export const VOLATILE_MARK = [WORK_NAME, INCOMPAT_NAME, ...VOLATILE_NAMES].join('/');

/** A new work directory; what an earlier mount left in the old one is removed. */
export function makeWork(
  marking: Marking,
  workdir: RealInode,
  rule: (id: RuleId) => void,
): Prediction<RealInode> {
  const { fs } = marking;
  const old = workdir.entries.get(WORK_NAME);
  if (old !== undefined) {
    if (old.entries.size > 0) rule('work/emptied-by-mount');
    for (const name of namesToRemove(old)) removeAll(fs, old, name);
    if (isMarked(old)) {
      rule('volatile/refused-again');
      return fail('EINVAL');
    }
    removeName(fs, workdir, WORK_NAME);
  }
  const work = makeDir(marking, workdir, WORK_NAME);
  // The mount tries out what the file system can: it makes objects and takes them away again.
  touchMtime(fs, work);
  return succeed(work);
}

/** What is in a directory that goes may have names elsewhere. */
function removeAll(fs: RealFs, dir: RealInode, name: string): void {
  const inode = dir.entries.get(name);
  if (inode?.type === 'dir') {
    for (const child of [...inode.entries.keys()]) removeAll(fs, inode, child);
  }
  removeName(fs, dir, name);
}

/** Where objects are made; a mount that cannot change anything has no such place. */
export function workOf({ work }: Overlay): RealInode {
  if (work === null) throw new Error('a change of a mount without a work directory');
  return work;
}

/** Says on disk that nothing here was ever synced. */
export function markVolatile(marking: Marking, work: RealInode, rule: (id: RuleId) => void): void {
  rule('volatile/marked');
  const [directory, file] = VOLATILE_NAMES;
  const mark = makeDir(marking, makeDir(marking, work, INCOMPAT_NAME), directory);
  const { fs } = marking;
  addName(fs, mark, file, newInode(fs, { ...ownerOf(marking), type: 'file', mode: 0 }));
}

/** What is removed before the mark is met, if there is an order. */
function namesToRemove(old: RealInode): readonly string[] {
  const names = [...old.entries.keys()];
  if (!isMarked(old)) return names;
  const { hashesNames, listsFirst } = profileOf(old);
  if (hashesNames) return [];
  const at = names.indexOf(INCOMPAT_NAME);
  return listsFirst === 'newest' ? names.slice(at + 1) : names.slice(0, at);
}

function isMarked(work: RealInode): boolean {
  return (work.entries.get(INCOMPAT_NAME)?.entries.size ?? 0) > 0;
}

/**
 * Whether it is known what is left in the work directory of a mount that is refused for its mark:
 * what is listed before the mark is gone, and names that are hashed come in any order.
 */
export function isCleanUpKnown(workdir: RealInode, { anyOf }: Failure): boolean {
  const index = workdir.entries.get(INDEX_NAME);
  // An entry of the index that is none, or does not say of what, ends the mount in the same way.
  const isOfIndex = anyOf.includes('ENODATA') || anyOf.includes('EINVAL');
  const endsInIndex = index !== undefined && index.entries.size > 1 && isOfIndex;
  if (endsInIndex && profileOf(index).hashesNames) return false;
  const work = workdir.entries.get(WORK_NAME);
  if (work === undefined || !isMarked(work)) return true;
  return work.entries.size === 1 || !profileOf(work).hashesNames;
}

/** What the overlay makes for itself is its mounter's. */
export function ownerOf({ overlay: { mounter } }: Marking): Credentials {
  return { uid: mounter.uid, gid: mounter.gid };
}

function makeDir(marking: Marking, parent: RealInode, name: string): RealInode {
  const { fs } = marking;
  const dir = newInode(fs, { ...ownerOf(marking), type: 'dir', mode: 0 });
  addName(fs, parent, name, dir);
  return dir;
}
