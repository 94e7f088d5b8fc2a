import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';

/** The rules of layers on several file systems. */
export const BASE_RULES = {
  'identity/directory-of-several': {
    says: 'With layers on several file systems and no xino, directories get numbers of their own.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'identity/device-of-layer': {
    says: 'With layers on several file systems and no xino, files show a device for each of them.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'mount/several-file-systems': {
    says: 'Without xino, inode numbers of several file systems are not brought together.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'mount/xino-bits': {
    says: 'xino puts the id of the file system of a layer in the high bits of its inode numbers.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'mount/null-uuid': {
    says: 'Nothing is traced back to a lower file system without a uuid unless an option needs it.',
    source: 'observed on linux-6.18: squashfs, and index, metacopy, redirect_dir or xino on or off',
    needsSeveral: true,
  },
  'mount/same-uuids': {
    says: 'Nothing is traced back to lower file systems with the same uuid, and index goes off.',
    source: `${DOC}: Index and NFS export; observed on linux-6.18: two squashfs`,
    needsSeveral: true,
  },
  'mount/no-handles': {
    says: 'A lower file system without file handles: no index, and inode numbers do not last.',
    source: `${DOC}: Index and NFS export; observed with lower layers on ramfs`,
    needsSeveral: true,
  },
  'handle/number-of-vfs': {
    says: 'With a layer that has no file handles AT_HANDLE_FID gives a number that the VFS has.',
    source: 'observed on linux-6.18: an overlay as a lower layer',
    needs: 'handle-fid',
    on: ['overlay'],
  },
  'copy-up/shares-blocks': {
    says: 'Where layers are on one file system that can share blocks, a copy shares the data.',
    source: 'observed on linux-6.18: xfs and btrfs',
    on: ['xfs', 'btrfs'],
  },
  'acl/layer-without': {
    says: 'An object of a lower layer that cannot store access control lists is given none.',
    source: 'observed on linux-6.18: squashfs and erofs',
    needsSeveral: true,
  },
  'readdir/numbers-of-layers': {
    says: 'With layers on several file systems and no xino, d_ino is the number on the layer.',
    source: 'observed on linux-6.1 and 6.18',
    needsSeveral: true,
  },
} as const satisfies Record<string, Rule>;
