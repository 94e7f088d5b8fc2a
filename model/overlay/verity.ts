import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { OvlInode } from '../state.ts';
import { dataOf, isMetacopy, topOf } from './inode.ts';
import { digestIn, NO_DIGEST, SHA256 } from './xattrs.ts';

/**
 * Whether a file has the data that it says it has: what its attributes are from names the digest
 * that fs-verity knows the data by. Asked when the file is opened, and before it is copied up.
 */
export function whyUntrusted({ world, rule }: Context, inode: OvlInode): Failure | null {
  const { config, marks } = world.overlay;
  const { verity } = config;
  if (verity === 'off' || !isMetacopy(inode)) return null;
  const said = digestIn(marks, topOf(inode));
  if (!said.ok) {
    rule('verity/malformed');
    return said;
  }
  if (said.value === null || said.value.kind === NO_DIGEST) {
    if (verity === 'on') return null;
    rule('verity/digest-required');
    return fail('EIO');
  }
  rule('verity/digest-compared');
  const { kind, bytes } = said.value;
  return kind === SHA256 && dataOf(inode).verityDigest === bytes ? null : fail('EIO');
}

/** Whether a copy may go without the data, which must be known by a digest if that is required. */
export function mayStayBelow({ world, rule }: Context, inode: OvlInode): boolean {
  if (world.overlay.config.verity !== 'require') return true;
  if (dataOf(inode).verityDigest !== null) return true;
  rule('verity/copied-with-data');
  return false;
}

/** The digest that a copy without data takes along. */
export function digestForCopy({ world, rule }: Context, inode: OvlInode): string | null {
  if (world.overlay.config.verity === 'off') return null;
  const { verityDigest } = dataOf(inode);
  if (verityDigest !== null) rule('verity/digest-copied-up');
  return verityDigest;
}
