import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';

/** Private xattrs under the one or the other prefix, and whiteouts made of them. */
export const XATTR_RULES = {
  'xattr/private-refused': {
    says: 'Private xattrs cannot be named through the overlay.',
    source: 'observed on linux-5.10 and 6.1',
    lacks: 'escaped-xattrs',
  },
  'xattr/escaped': {
    says: 'A private name through the overlay is stored under an escaped name.',
    source: `${DOC}: Nesting overlayfs mounts; observed on linux-6.12, 6.18 and 7.3`,
    needs: 'escaped-xattrs',
  },
  'xattr/escaped-too-long': {
    says: 'A private name that has no room for the escape is EOPNOTSUPP.',
    source: 'observed on linux-6.18',
    needs: 'escaped-xattrs',
  },
  'xattr/private-hidden': {
    says: 'listxattr leaves out the private xattrs.',
    source: 'observed on linux-6.1, 6.12, 6.18 and 7.3',
  },
  'xattr/remove-missing-stays-lower': {
    says: 'Removing an xattr that is not there copies nothing up.',
    source: 'observed on linux-6.1, 6.12, 6.18 and 7.3',
  },
  'userxattr/other-prefix': {
    says: 'With userxattr private xattrs are user.overlay.*, and trusted.overlay.* is ordinary.',
    source: `${DOC}: Permission model`,
    needs: 'userxattr',
    with: ['userxattr'],
  },
  'userxattr/not-of-all-types': {
    says: 'With userxattr only files and directories can remember where they come from.',
    source: 'observed on linux-6.18: the VFS keeps user.* to files and directories',
    needs: 'userxattr',
    with: ['userxattr'],
  },
  'userxattr/no-link-count': {
    says: 'With userxattr and an index, copy-up of special files to it is EPERM.',
    source:
      'observed on linux-6.12 and 6.18: the copy stays in the index, and the next mount fails',
    needs: 'userxattr',
    with: ['userxattr'],
    isUndrawn: true,
  },
  'userxattr/no-opaque': {
    says: 'What has to be opaque fails where the upper layer takes no private xattrs.',
    source: 'observed on linux-6.1: EIO over whiteouts, EXDEV for rename into a merged directory',
    needs: 'userxattr',
    where: { tmpfsUserXattr: 'EOPNOTSUPP' },
    with: ['userxattr'],
  },
  'whiteout/xattr': {
    says: 'An empty file with the whiteout xattr hides its name, in whatever layer it is.',
    source: `${DOC}: whiteouts and opaque directories`,
    needs: 'xattr-whiteouts',
  },
  'whiteout/xattr-mark': {
    says: 'A lower directory with the opaque xattr `x` may hold files that are whiteouts.',
    source: `${DOC}: whiteouts and opaque directories`,
    needs: 'xattr-whiteouts',
  },
  'readdir/hides-xattr-whiteout': {
    says: 'Where the mark says so, listings look files up and leave out whiteouts.',
    source: `${DOC}: whiteouts and opaque directories`,
    needs: 'xattr-whiteouts',
  },
  'readdir/check-forgets-ino': {
    says: 'The second listing of such a file from one cache shows the number of the layer.',
    source: 'observed on linux-6.12, 6.18 and 7.3: d_ino loses the bits of xino',
    needs: 'xattr-whiteouts',
    needsSeveral: true,
    with: ['xino=on', 'xino=auto'],
  },
  'rmdir/xattr-whiteout-in-the-way': {
    says: 'A directory that holds an xattr whiteout is not empty for rmdir and rename.',
    source: 'observed on linux-6.12 and 6.18',
    needs: 'xattr-whiteouts',
  },
} as const satisfies Record<string, Rule>;
