import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { OvlDentry, RealInode } from '../state.ts';
import { isAnyWhiteout } from './marks.ts';
import type { Marks } from './marks.ts';
import { isWhiteoutDentry } from './namei.ts';

/**
 * A name is not changed when the upper layer has another object there than the dentry cache. That
 * happens when copy-up through an open file replaces what got the name in the meantime.
 */
export function whyStale(
  { world, rule }: Context,
  dentry: OvlDentry,
  dir: RealInode,
): Failure | null {
  const real = dir.entries.get(dentry.name);
  if (isAsCached(world.overlay.marks, dentry, real)) return null;
  rule('copy-up/replaces-name');
  return fail('ESTALE');
}

/** The same for a name that something comes to: nothing comes into a removed directory. */
export function whyNameStale(context: Context, dentry: OvlDentry, dir: RealInode): Failure | null {
  return dir.nlink === 0 ? fail('ENOENT') : whyStale(context, dentry, dir);
}

/** Whether removing or renaming a name that upper has no more says so. */
export function saysLost({ semantics }: Context): boolean {
  return semantics.behaviour.lostName === 'ENOENT';
}

function isAsCached(marks: Marks, dentry: OvlDentry, real: RealInode | undefined): boolean {
  const upper = dentry.inode?.upper ?? null;
  if (upper !== null) return real === upper;
  if (isWhiteoutDentry(dentry)) return real !== undefined && isAnyWhiteout(marks, real);
  return real === undefined;
}
