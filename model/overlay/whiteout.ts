import { losesNames } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import { addName, exchangeNames, isWhiteout, newInode, removeName, touchMtime } from '../layer.ts';
import { linkName, touchCtime } from '../layer.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoInode, whyNoName } from '../room.ts';
import type { Overlay, OvlDentry, RealFs, RealInode } from '../state.ts';
import { whyNotCopied } from './copy-up-xattrs.ts';
import { whyRealKept } from './flags.ts';
import { setOpaque } from './xattrs.ts';
import { ownerOf, workOf } from './work-dir.ts';

/** The names under which whiteouts and replacement directories pass through the work directory. */
const SHARED_NAME = '#';
const TEMP_NAME = '#temp';

/** Whiteouts are made while mounting, too. */
type WhiteoutMaker = Pick<Context, 'rule'> & {
  readonly world: { readonly fs: RealFs; readonly overlay: Overlay };
};

/**
 * Puts a whiteout at a name of an upper directory, over whatever is there. All whiteouts that one
 * mount makes for removals are one inode, which also keeps a name in the work directory.
 */
export function addWhiteout(maker: WhiteoutMaker, dir: RealInode, name: string): Failure | null {
  const { fs, overlay } = maker.world;
  const made = makeWhiteout(maker);
  if (!made.ok) return made;
  const { whiteout, temp } = made.value;
  const old = dir.entries.get(name);
  const why = whyRealKept(maker, old !== undefined && !losesNames(dir, old));
  if (why !== null) {
    removeName(fs, workOf(overlay), temp);
    return why;
  }
  if (old?.type === 'dir') {
    exchangeNames(fs, workOf(overlay), temp, dir, name);
    removeName(fs, workOf(overlay), temp);
    return null;
  }
  if (old !== undefined) removeName(fs, dir, name);
  workOf(overlay).entries.delete(temp);
  dir.entries.set(name, whiteout);
  touchCtime(fs, whiteout);
  touchMtime(fs, workOf(overlay));
  touchMtime(fs, dir);
  return null;
}

/**
 * A whiteout in the work directory: a link of the shared one, or that itself when there can be no
 * link of it. From then on none is shared.
 */
function makeWhiteout(
  maker: WhiteoutMaker,
): Prediction<{ readonly whiteout: RealInode; readonly temp: string }> {
  const { fs, overlay } = maker.world;
  const { rule } = maker;
  const work = workOf(overlay);
  if (overlay.sharedWhiteout === null) {
    const noRoom = whyNoInode(maker, { type: 'chr' });
    if (noRoom !== null) return noRoom;
    const owner = ownerOf({ fs, overlay });
    overlay.sharedWhiteout = newInode(fs, { ...owner, type: 'chr', mode: 0 });
    addName(fs, work, SHARED_NAME, overlay.sharedWhiteout);
  } else {
    rule('whiteout/shared');
  }
  const whiteout = overlay.sharedWhiteout;
  const isLinked = overlay.sharesWhiteouts && whyNoName(maker, whiteout) === null;
  if (isLinked) {
    linkName(fs, work, TEMP_NAME, whiteout);
    return succeed({ whiteout, temp: TEMP_NAME });
  }
  if (overlay.sharesWhiteouts) rule('whiteout/not-shared-any-more');
  overlay.sharesWhiteouts = false;
  overlay.sharedWhiteout = null;
  return succeed({ whiteout, temp: SHARED_NAME });
}

/**
 * Replaces an upper directory that holds nothing but whiteouts by an empty opaque one with the same
 * attributes, so that it can be removed or renamed over.
 */
export function clearWhiteouts(
  context: Context,
  dentry: OvlDentry,
  dir: RealInode,
): Prediction<null> {
  const { fs, overlay } = context.world;
  const old = dentry.inode?.upper;
  if (old == null || old.entries.size === 0) return succeed(null);
  context.rule('rmdir/clears-whiteouts');
  const noRoom = whyNoInode(context, old);
  if (noRoom !== null) return noRoom;
  touchMtime(fs, workOf(overlay));
  const why = whyNotCopied(context, old);
  if (why !== null) return why;
  const noMark = whyNotOpaque(context);
  if (noMark !== null) return noMark;
  const clear = newInode(fs, old);
  addName(fs, workOf(overlay), TEMP_NAME, clear);
  for (const [key, value] of old.xattrs) clear.xattrs.set(key, value);
  setOpaque(context.world, clear);
  clear.atime = old.atime;
  clear.mtime = old.mtime;
  exchangeNames(fs, workOf(overlay), TEMP_NAME, dir, dentry.name);
  for (const [entry, inode] of [...old.entries]) {
    if (isWhiteout(inode)) removeName(fs, old, entry);
  }
  removeName(fs, workOf(overlay), TEMP_NAME);
  return succeed(null);
}

/** What takes the place of whiteouts has to be opaque, which not every upper layer can note. */
export function whyNotOpaque({ world: { fs, overlay }, rule }: Context): Failure | null {
  if (overlay.marks.isWritable) return null;
  rule('userxattr/no-opaque');
  touchMtime(fs, workOf(overlay));
  return fail('EIO');
}

/** Makes an object in the work directory and moves it over the whiteout at a name. */
export function replaceWhiteout(
  { world: { fs, overlay } }: Context,
  dir: RealInode,
  name: string,
  inode: RealInode,
): void {
  if (inode.nlink > 0 && inode.type !== 'dir') linkName(fs, workOf(overlay), TEMP_NAME, inode);
  else addName(fs, workOf(overlay), TEMP_NAME, inode);
  if (inode.type === 'dir') {
    setOpaque({ fs, overlay }, inode);
    exchangeNames(fs, workOf(overlay), TEMP_NAME, dir, name);
    removeName(fs, workOf(overlay), TEMP_NAME);
    return;
  }
  removeName(fs, dir, name);
  workOf(overlay).entries.delete(TEMP_NAME);
  dir.entries.set(name, inode);
  inode.ctime = fs.now;
  inode.version++;
  touchMtime(fs, workOf(overlay));
  touchMtime(fs, dir);
}
