import { profileOf } from '../bases.ts';
import { indexName, isIndexName } from '../disk-names.ts';
import { addName, isWhiteout, listed, newInode } from '../layer.ts';
import { removeName, replaceName, touchMtime } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { XattrValue } from '../observation.ts';
import { whyNoXattr } from '../room.ts';
import type { Overlay, OvlDentry, OvlInode, RealFs, RealInode } from '../state.ts';
import { whyKept } from './flags.ts';
import { inodeOf } from './namei.ts';
import type { MountPoints } from './super.ts';
import { addWhiteout } from './whiteout.ts';
import { INDEX_NAME, ownerOf } from './work-dir.ts';
import { nlinkOf, originInoOf, setNlink, setOrigin, setUpper } from './xattrs.ts';
import { takesMark, upperInoOf } from './xattrs.ts';
import type { Marking } from './xattrs.ts';

/** The name that the kernel uses inside of the work directory. */
/** All that a change of the index needs: there is no mounted overlay yet when it is opened. */
type Changing = Pick<Context, 'rule'> & {
  readonly world: { readonly fs: RealFs; readonly overlay: Overlay };
};
type Mounting = Changing & Pick<Context, 'semantics'>;
interface Counting {
  readonly semantics: Context['semantics'];
  readonly world: { readonly overlay: Pick<Overlay, 'marks'> };
}
const NLINK_FORM = /^([UL])([+-]\d+)$/;

/**
 * Copy-up goes through the index: the lower object may have other names, or file handles that have
 * to find what became of it.
 */
export function needsIndex({ index, config }: Overlay, { type, lowers }: OvlInode): boolean {
  const [lower] = lowers;
  if (index === null || lower === undefined) return false;
  return config.nfsExport || (type !== 'dir' && lower.nlink > 1);
}

/** The index entry of a lower object; what cannot be one fails the lookup. */
export function lookupIndex(
  { world, rule }: Context,
  upper: RealInode | null,
  lower: RealInode | null,
): Prediction<RealInode | null> {
  const { overlay } = world;
  if (overlay.index === null || lower === null) return succeed(null);
  if (lower.type === 'dir' && !overlay.config.nfsExport) return succeed(null);
  const entry = overlay.index.entries.get(indexName(lower.ino));
  if (entry === undefined) return succeed(null);
  if (isWhiteout(entry) || entry.type !== lower.type) {
    rule('index/unusable-entry');
    return fail('EIO');
  }
  if (entry.type === 'dir') {
    rule('index/directory-verified');
    return upper !== null && upperInoOf(world, entry) === upper.ino ? succeed(entry) : fail('EIO');
  }
  if (upper !== null && upper !== entry) return succeed(null);
  rule('index/found-by-lookup');
  return succeed(entry);
}

/**
 * The link count of an overlay inode when it is made: the names in upper without the index entry,
 * and the names in the lower layer that are not covered yet.
 */
export function unionNlink(
  context: Counting,
  lower: RealInode | undefined,
  upper: RealInode,
): number {
  return storedNlink(context, lower, upper) ?? upper.nlink;
}

function storedNlink(
  { semantics, world }: Counting,
  lower: RealInode | undefined,
  upper: RealInode,
): number | null {
  if (lower === undefined) return null;
  const isKept = semantics.behaviour.nlinkOfSingleName === 'that of the index';
  if (lower.nlink === 1 && !isKept) return null;
  const [, base, difference] = NLINK_FORM.exec(nlinkOf(world.overlay.marks, upper) ?? '') ?? [];
  if (base === undefined || difference === undefined) return null;
  const nlink = (base === 'U' ? upper.nlink : lower.nlink) + Number(difference);
  return nlink > 0 ? nlink : null;
}

/** Notes the link count on disk before it may change, and once it did; not all objects can. */
export function storeNlink(
  context: Context,
  inode: OvlInode,
  base: 'U' | 'L' = 'U',
): Failure | null {
  const { world, rule } = context;
  const { upper, lowers } = inode;
  const real = base === 'U' ? upper : lowers[0];
  if (upper === null || real == null) throw new Error('an indexed inode has both layers');
  rule('index/nlink-stored');
  const difference = inode.vfsNlink - real.nlink;
  if (!takesMark(world.overlay.marks, upper)) {
    rule('userxattr/no-link-count');
    return fail('EPERM');
  }
  const noRoom = whyNoXattr(context);
  if (noRoom !== null) return noRoom;
  setNlink(world, upper, `${base}${difference < 0 ? '' : '+'}${difference}`);
  return null;
}

/** An object is no longer linked from anywhere: its index entry goes. */
export function cleanUpIndex(context: Context, dentry: OvlDentry): void {
  const {
    world: { overlay },
    rule,
  } = context;
  const inode = inodeOf(dentry);
  const [lower] = inode.lowers;
  const { index } = overlay;
  if (!inode.isIndexed || inode.vfsNlink > 0 || lower === undefined || index === null) return;
  if (inode.upper !== null && inode.type !== 'dir' && inode.upper.nlink !== 1) {
    rule('index/kept-while-linked');
    inode.vfsNlink = inode.upper.nlink - 1;
    storeNlink(context, inode);
    return;
  }
  rule('index/removed-with-last-name');
  dropEntry(context, index, indexName(lower.ino));
}

/** Where handles are exported a whiteout stays behind: what the handle named is gone. */
function dropEntry({ world, rule }: Changing, index: RealInode, name: string): void {
  if (!index.entries.has(name)) return;
  if (!world.overlay.config.nfsExport) {
    removeName(world.fs, index, name);
    return;
  }
  rule('index/whiteout');
  addWhiteout({ world, rule }, index, name);
}

/** The index directory of a mount, which belongs to one upper and one top most lower layer. */
export function openIndex(
  marking: Marking,
  { upper, lowers: [lower], workdir }: MountPoints,
  { semantics, rule }: Pick<Context, 'semantics' | 'rule'>,
): Prediction<RealInode> {
  if (lower === undefined) throw new Error('a mount without a lower layer');
  const { fs, overlay } = marking;
  const { marks } = overlay;
  const origin = originInoOf(marking, upper);
  const isOther = origin === null && isOfOtherUuid(upper.xattrs.get(marks.origin));
  if (origin === null && !isOther) {
    const kept = whyKept({ rule }, upper);
    if (kept !== null) return kept;
    setOrigin({ world: marking, semantics }, upper, lower);
  } else if (origin !== lower.ino) return refuse(rule);
  const old = workdir.entries.get(INDEX_NAME);
  const index = old ?? newInode(fs, { ...ownerOf(marking), type: 'dir', mode: 0 });
  if (old === undefined) addName(fs, workdir, INDEX_NAME, index);
  const owner = upperInoOf(marking, index);
  if (owner === null && !isOfOtherUuid(index.xattrs.get(marks.upper))) {
    setUpper(marking, index, upper);
  } else if (owner !== upper.ino) return refuse(rule);
  return succeed(index);
}

/** A handle, but none that the mount would have written. */
function isOfOtherUuid(value: XattrValue | undefined): boolean {
  return typeof value === 'object' && 'handleOf' in value;
}

function refuse(rule: Changing['rule']): Failure {
  rule('index/other-layers');
  return fail('ESTALE');
}

/** What a mount does to an index that an earlier one left; some entries make it fail. */
export function cleanUpEntries(changing: Mounting): Failure | null {
  const { fs, overlay } = changing.world;
  const { index } = overlay;
  if (index === null) return null;
  // A whiteout that replaces an orphan is a new one, and takes none of the names that are there.
  const left = [...index.entries].map(([name, entry], at) => {
    return [name.startsWith('#') ? `${name}-${at}` : name, entry] as const;
  });
  index.entries.clear();
  for (const [name, entry] of left) index.entries.set(name, entry);
  const entries = left.filter(([name]) => !name.startsWith('#'));
  const refused = entries.map(([name, entry]) => stateOf(changing, name, entry)).filter(isRefused);
  // Which of them come before it is not known then: see isCleanUpKnown().
  if (refused.length > 0 && profileOf(index).hashesNames) {
    return refuseEntry(changing, index, refused);
  }
  // They are taken as they are listed, and one that makes the mount fail ends it.
  for (const [name, entry] of listed(index)) {
    if (name.startsWith('#')) {
      removeName(fs, index, name);
      continue;
    }
    const state = stateOf(changing, name, entry);
    if (isRefused(state)) return refuseEntry(changing, index, [state]);
    if (state === 'kept') continue;
    changing.rule('index/orphan-removed-by-mount');
    if (state === 'orphan') dropEntry(changing, index, name);
    else removeName(fs, index, name);
  }
  return null;
}

/** Entries with which there is no mount, and why. */
const REFUSED = {
  unmarked: { rule: 'index/unmarked-object', errno: 'ENODATA' },
  foreign: { rule: 'index/foreign-name', errno: 'EINVAL' },
} as const;
type Refused = keyof typeof REFUSED;

function isRefused(state: EntryState): state is Refused {
  return state in REFUSED;
}

function refuseEntry({ rule }: Mounting, index: RealInode, states: readonly Refused[]): Failure {
  bringLeftoversBack(index);
  for (const state of states) rule(REFUSED[state].rule);
  return { ok: false, anyOf: [...new Set(states.map((state) => REFUSED[state].errno))] };
}

/** Where the mount fails before it meets them, they stay. */
function bringLeftoversBack(index: RealInode): void {
  for (const [name, entry] of [...index.entries]) {
    const old = name.startsWith('#') ? name.replace(/-\d+$/, '') : name;
    if (index.entries.has(old)) continue;
    index.entries.delete(name);
    index.entries.set(old, entry);
  }
}

type EntryState = 'kept' | 'orphan' | 'stale' | Refused;

/**
 * Whether an entry still stands for what it was made for. An orphan is one of an object whose last
 * name is gone; a stale one names something else by now; `unmarked` is an object that does not say
 * where it comes from, and the name of a foreign one is no handle.
 */
function stateOf(changing: Mounting, name: string, entry: RealInode): EntryState {
  const { fs, overlay } = changing.world;
  if (!isIndexName(name)) return 'foreign';
  if (isWhiteout(entry)) return 'kept';
  if (entry.type === 'dir' && !overlay.config.nfsExport) return 'kept';
  let upper: RealInode | undefined = entry;
  if (entry.type === 'dir') {
    const ino = upperInoOf(changing.world, entry);
    if (ino === null) return 'stale';
    upper = fs.byIno.get(ino);
    if (upper === undefined || upper.nlink === 0) return 'orphan';
  }
  const originIno = originInoOf(changing.world, upper);
  if (originIno === null) return 'unmarked';
  if (indexName(originIno) !== name) return 'stale';
  if (entry.type === 'dir' || entry.nlink > 1) return 'kept';
  const origin = fs.byIno.get(originIno);
  if (origin === undefined || origin.nlink === 0) return 'stale';
  return storedNlink(changing, origin, entry) === null ? 'orphan' : 'kept';
}

/** A directory that is copied up leaves an entry that names it in the index. */
export function addDirToIndex(
  { world, rule }: Context,
  index: RealInode,
  lower: RealInode,
  upper: RealInode,
): void {
  rule('index/entry-of-directory');
  const { fs } = world;
  const entry = newInode(fs, { ...ownerOf(world), type: 'dir', mode: 0 });
  const name = indexName(lower.ino);
  // One of a copy that found no place.
  if (index.entries.has(name)) replaceName(fs, index, name);
  addName(fs, index, name, entry);
  setUpper(world, entry, upper);
}

/** Objects made in the work directory come to the index under the name of their lower one. */
export function addToIndex(
  { world: { fs }, rule }: Context,
  index: RealInode,
  lower: RealInode,
  upper: RealInode,
): void {
  rule('index/entry-made');
  addName(fs, index, indexName(lower.ino), upper);
  if (upper.type !== 'file') touchMtime(fs, index);
}
