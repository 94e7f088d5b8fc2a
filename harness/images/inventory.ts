import type { RealFs, RealInode } from '../../model/state.ts';
import { isSetTime } from '../../model/time.ts';
import { HarnessError } from '../errors.ts';

/** An inode with the directory that it was found in first. */
export interface Placed {
  readonly inode: RealInode;
  readonly parent: RealInode;
}

/** Every inode of a file system once, the root first. Above the root is the root. */
export function inventoryOf({ root }: Pick<RealFs, 'root'>): readonly Placed[] {
  const placed = new Map<RealInode, Placed>();
  const visit = (inode: RealInode, parent: RealInode): void => {
    if (placed.has(inode)) return;
    placed.set(inode, { inode, parent });
    for (const child of inode.entries.values()) visit(child, inode);
  };
  visit(root, root);
  return [...placed.values()];
}

export function secondsOf({ mtime }: RealInode): number {
  if (!isSetTime(mtime)) {
    throw new HarnessError('bad-input', 'a read-only file system has no time of its own');
  }
  return mtime.sec;
}

/** Names and values as they are stored. One that cannot be read was stored empty. */
export function xattrsOf({ xattrs }: RealInode): readonly (readonly [string, string])[] {
  return [...xattrs].map(([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    if ('unreadable' in value) return [name, ''] as const;
    throw new HarnessError('bad-input', `no value of ${name} can be made beforehand`);
  });
}

/** As the kernel encodes device numbers on disks. */
export function diskDevice({ rdev: { major, minor } }: RealInode): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** In the order of the bytes of their names. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}
