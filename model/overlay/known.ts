import type { Context } from '../ops/op.ts';
import type { OvlInode, RealInode } from '../state.ts';
import { topOf } from './inode.ts';

/** The object as the VFS knows it, which is asked who may do what. */
export function knownOf(inode: OvlInode): RealInode {
  const top = topOf(inode);
  const { stale } = inode;
  if (stale === undefined) return top;
  const { mode, uid, gid } = stale;
  return { ...top, mode, uid, gid };
}

/** What the VFS limits a copy to: the size of the object with the attributes, as last seen. */
export function knownSize(inode: OvlInode): number {
  return inode.stale?.size ?? topOf(inode).content.length;
}

/** Before the size changes in a way that no inode is told of, not even the one at hand. */
export function keepSize(inode: OvlInode, upper: RealInode, size: number): void {
  const { mode, uid, gid } = upper;
  inode.stale ??= { mode, uid, gid, size };
}

/**
 * Before a change of an upper object by way of one inode, which is told: another one of the same
 * object is not.
 */
export function noteChange({ world, rule }: Context, inode: OvlInode): void {
  delete inode.stale;
  const { type, upper } = inode;
  if (upper === null || type === 'dir') return;
  for (const other of world.overlay.inodes.values()) {
    if (other.upper !== upper || other === inode || other.stale !== undefined) continue;
    rule('identity/two-inodes-of-one-file');
    keepSize(other, upper, upper.content.length);
  }
}
