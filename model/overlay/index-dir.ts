import { indexName } from '../disk-names.ts';
import { addName, isWhiteout, newInode, removeName, touchMtime } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { Overlay, OvlDentry, OvlInode, RealFs, RealInode } from '../state.ts';
import { inodeOf } from './namei.ts';
import { nlinkOf, originInoOf, setNlink, setOrigin, setUpper, upperInoOf } from './xattrs.ts';

/** The name that the kernel uses inside of the work directory. */
const INDEX_NAME = 'index';
const NLINK_FORM = /^([UL])([+-]\d+)$/;

/** Copy-up goes through the index: the lower object may have other names. */
export function needsIndex({ index }: Overlay, { type, lowers }: OvlInode): boolean {
  const [lower] = lowers;
  return index !== null && lower !== undefined && type !== 'dir' && lower.nlink > 1;
}

/** The index entry of a lower object; what cannot be one fails the lookup. */
export function lookupIndex(
  { world: { overlay }, rule }: Context,
  upper: RealInode | null,
  lower: RealInode,
): Prediction<RealInode | null> {
  const entry = overlay.index?.entries.get(indexName(lower.ino));
  if (entry === undefined) return succeed(null);
  if (isWhiteout(entry) || entry.type !== lower.type) {
    rule('index/unusable-entry');
    return fail('EIO');
  }
  if (upper !== null && upper !== entry) return succeed(null);
  rule('index/found-by-lookup');
  return succeed(entry);
}

/**
 * The link count of an overlay inode when it is made: the names in upper without the index entry,
 * and the names in the lower layer that are not covered yet.
 */
export function unionNlink(lower: RealInode | undefined, upper: RealInode): number {
  return storedNlink(lower, upper) ?? upper.nlink;
}

function storedNlink(lower: RealInode | undefined, upper: RealInode): number | null {
  if (lower === undefined || lower.nlink === 1) return null;
  const [, base, difference] = NLINK_FORM.exec(nlinkOf(upper) ?? '') ?? [];
  if (base === undefined || difference === undefined) return null;
  const nlink = (base === 'U' ? upper.nlink : lower.nlink) + Number(difference);
  return nlink > 0 ? nlink : null;
}

/** Notes the link count on disk before it may change, and once it did. */
export function storeNlink(
  { world: { fs }, rule }: Context,
  inode: OvlInode,
  base: 'U' | 'L' = 'U',
): void {
  const { upper, lowers } = inode;
  const real = base === 'U' ? upper : lowers[0];
  if (upper === null || real == null) throw new Error('an indexed inode has both layers');
  rule('index/nlink-stored');
  const difference = inode.vfsNlink - real.nlink;
  setNlink(fs, upper, `${base}${difference < 0 ? '' : '+'}${difference}`);
}

/** An object is no longer linked from anywhere: its index entry goes. */
export function cleanUpIndex(context: Context, dentry: OvlDentry): void {
  const {
    world: { fs, overlay },
    rule,
  } = context;
  const inode = inodeOf(dentry);
  const [lower] = inode.lowers;
  const { index } = overlay;
  if (!inode.isIndexed || inode.vfsNlink > 0 || lower === undefined || index === null) return;
  if (inode.upper !== null && inode.upper.nlink !== 1) {
    rule('index/kept-while-linked');
    inode.vfsNlink = inode.upper.nlink - 1;
    storeNlink(context, inode);
    return;
  }
  rule('index/removed-with-last-name');
  const name = indexName(lower.ino);
  if (index.entries.has(name)) removeName(fs, index, name);
}

/** What verifying an index at mount needs. */
interface Verified {
  readonly fs: RealFs;
  readonly upper: RealInode;
  readonly lower: RealInode;
  readonly rule: (id: RuleId) => void;
}

/** The index directory of a mount, which belongs to one upper and one top most lower layer. */
export function openIndex(verified: Verified, workdir: RealInode): Prediction<RealInode> {
  const { fs, upper, lower, rule } = verified;
  const origin = originInoOf(upper);
  if (origin === null) setOrigin(fs, upper, lower);
  else if (origin !== lower.ino) return refuse(rule);
  const old = workdir.entries.get(INDEX_NAME);
  const index = old ?? newInode(fs, { type: 'dir', mode: 0, uid: 0, gid: 0 });
  if (old === undefined) addName(fs, workdir, INDEX_NAME, index);
  const owner = upperInoOf(index);
  if (owner === null) setUpper(fs, index, upper);
  else if (owner !== upper.ino) return refuse(rule);
  for (const [name, entry] of [...index.entries]) {
    if (isStale(verified, name, entry)) removeName(fs, index, name);
  }
  return succeed(index);
}

function refuse(rule: Verified['rule']): Failure {
  rule('index/other-layers');
  return fail('ESTALE');
}

/** Left over, or of an object whose last name is gone. */
function isStale({ fs, rule }: Verified, name: string, entry: RealInode): boolean {
  if (name.startsWith('#')) return true;
  if (isWhiteout(entry) || entry.type === 'dir' || entry.nlink > 1) return false;
  const origin = fs.byIno.get(originInoOf(entry) ?? 0);
  const isOrphan = storedNlink(origin, entry) === null;
  if (isOrphan) rule('index/orphan-removed-by-mount');
  return isOrphan;
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
