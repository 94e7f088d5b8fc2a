import { entriesOf, printAcl } from './acl.ts';
import { isAclName } from './acl-names.ts';
import type { BaseType } from './bases.ts';
import type { Feature, Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';
import { USERS } from './users.ts';

/** Since when a file system can be mounted so that objects seem to belong to others. */
const NEEDS: Readonly<Partial<Record<BaseType, Feature>>> = {
  ...{ ext4: 'mapped-mounts', xfs: 'mapped-mounts' },
  ...{ btrfs: 'mapped-mounts', erofs: 'mapped-mounts' },
  overlay: 'mapped-mounts-of-overlay',
  ...{ tmpfs: 'mapped-mounts-of-tmpfs', squashfs: 'mapped-mounts-of-tmpfs' },
};

export function mapsIds(base: BaseType, { features }: Semantics): boolean {
  const needed = NEEDS[base];
  return needed !== undefined && features.has(needed);
}

/** Makes a tree what a mount of it shows that has root and alice in each other's place. */
export function mapIds(root: RealInode, semantics: Semantics, done = new Set<RealInode>()): void {
  if (done.has(root)) return;
  done.add(root);
  root.uid = mapped(root.uid);
  root.gid = mapped(root.gid);
  if (semantics.behaviour.mappedLists === 'mapped') mapLists(root);
  for (const inode of root.entries.values()) mapIds(inode, semantics, done);
}

function mapLists(root: RealInode): void {
  for (const [name, value] of root.xattrs) {
    if (!isAclName(name) || typeof value !== 'string') continue;
    const acl = entriesOf(value).map((entry) => ({ ...entry, id: mapped(entry.id) }));
    root.xattrs.set(name, printAcl(acl));
  }
}

function mapped(id: number): number {
  if (id === USERS.root.uid) return USERS.alice.uid;
  return id === USERS.alice.uid ? USERS.root.uid : id;
}
