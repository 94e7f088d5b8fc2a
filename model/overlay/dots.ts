import type { Context } from '../ops/op.ts';
import { fsOfIno } from '../ino.ts';
import type { DirCache, Listing } from '../listing.ts';
import type { OvlDentry, OvlInode } from '../state.ts';
import { isMerged, isOriginType, remapped, shownIdentity, topOf } from './inode.ts';
import { inodeOf } from './namei.ts';

/** Whether a call comes as far as `..`, with room for it or without. */
export type AsksParent = 'yes' | 'perhaps' | 'no';

/** Of a listing that was just made. */
export const NOT_ASKED: DirCache['dotdot'] = { mayBe: [], isSettled: false };

/** On several file systems without xino, listings show the numbers of layers as they are. */
export function translatesNumbers({ world: { overlay }, rule }: Context): boolean {
  if (overlay.xinoBits === null) rule('readdir/numbers-of-layers');
  return overlay.xinoBits !== null;
}

/** `.` and `..` of the top most real directory as it stands. */
export function realDots(inode: OvlInode): Pick<Listing, 'realDotIno' | 'realDotdotIno'> {
  const top = topOf(inode);
  return { realDotIno: top.ino, realDotdotIno: top.parent?.ino ?? null };
}

/** The inode that `.` shows: what stat does, where numbers of layers mean anything. */
export function ownDotIno(context: Context, dentry: OvlDentry, { realDotIno }: Listing): number {
  if (!translatesNumbers(context)) return realDotIno;
  return shownIdentity(context, dentry, inodeOf(dentry)).ino;
}

/**
 * The inode that `..` shows. A merged listing translates the number of a parent that was copied up,
 * a real one that of a merged parent; else it is the real directory above the top most real one.
 */
export function parentIno(
  context: Context,
  dentry: OvlDentry,
  { realDotIno, realDotdotIno, cache }: Listing,
  asks: AsksParent = 'yes',
): number | null {
  const { overlay } = context.world;
  if (!translatesNumbers(context) || realDotdotIno === null) return realDotdotIno;
  if (cache === null) {
    const real = remapped(overlay, realDotdotIno, fsOfIno(realDotIno));
    return translatedParentIno(context, dentry, isMerged) ?? real;
  }
  const { mayBe, isSettled } = cache.dotdot;
  if (!isSettled && asks !== 'no') {
    const ino = mergedParentIno(context, dentry, realDotdotIno);
    const inos = mayBe.includes(ino) ? mayBe : [...mayBe, ino];
    cache.dotdot = { mayBe: inos, isSettled: asks === 'yes' };
  }
  const [ino = null] = cache.dotdot.mayBe;
  return cache.dotdot.mayBe.length > 1 ? null : ino;
}

/** Above one layer it gets the id of the layer that the parent is of; the root is its own. */
function mergedParentIno(context: Context, dentry: OvlDentry, realDotdotIno: number): number {
  const parent = (dentry.parent ?? dentry).inode;
  const lower = parent?.upper === null ? parent.lowers[0] : undefined;
  return (
    translatedParentIno(context, dentry, isOriginType) ??
    (lower === undefined
      ? realDotdotIno
      : remapped(context.world.overlay, realDotdotIno, fsOfIno(lower.ino)))
  );
}

function translatedParentIno(
  context: Context,
  { parent }: OvlDentry,
  isTranslated: (above: OvlInode) => boolean,
): number | null {
  const above = parent?.inode ?? null;
  if (parent === null || above === null || !isTranslated(above)) return null;
  context.rule('readdir/translated-parent');
  return shownIdentity(context, parent, above).ino;
}
