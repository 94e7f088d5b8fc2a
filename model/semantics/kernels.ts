import type { Behaviour, SemanticsProfile } from './semantics.ts';

const DOC = 'kernel documentation, overlayfs';

/** The oldest kernel's answer to each question. */
export const FIRST_SUPPORTED: Behaviour = {
  tmpfsUserXattr: 'EOPNOTSUPP',
  tmpfsListing: 'each name once',
  copyUpIntoRemovedDir: 'nothing',
  unwantedMark: 'refused if something is below',
  copyUpOverTakenName: 'as rename(2)',
  unreadableCapability: 'fails copy-up',
  ext4RefusedCollapse: 'stamps nothing',
  securityXattrs: 'anybody',
  overriddenRedirect: 'may be anything',
  openHandlePrivilege: 'asked first',
  nlinkOfSingleName: 'that of the upper file',
  shownRedirect: 'as it was given',
  withoutXattrs: 'index, metacopy',
  uuidOffOfSeveral: 'falls back',
  upperWithoutWork: 'ENOMEM',
  tooManyLowers: 'ENOMEM',
  dataOnlyLower: 'unknown',
  configFd: 'must be open',
  statxUnaskedTimes: 'told',
  emptyAcl: 'EINVAL',
  aclCheck: 'after copy-up',
  protectionOfUpper: 'on its inode',
  aclOfProtected: 'EPERM before the list is read',
  directoryLease: 'asks who takes it',
};

/** One entry per kernel under test, oldest first. Each says only what it changes. */
export const KERNELS = [
  {
    id: 'linux-5.10',
    extends: null,
    changes: FIRST_SUPPORTED,
    because: [`${DOC} of that version`, 'observed on linux-5.10'],
  },
  {
    id: 'linux-6.1',
    extends: 'linux-5.10',
    adds: ['userxattr', 'uuid-option', 'tmpfs-flags'],
    changes: {
      withoutXattrs: 'index, metacopy, xino',
      upperWithoutWork: 'EINVAL',
      protectionOfUpper: 'in an xattr',
      tooManyLowers: 'EINVAL',
    },
    because: [`${DOC} of that version`, 'observed on linux-6.1'],
  },
  {
    id: 'linux-6.12',
    extends: 'linux-6.1',
    adds: [
      'overlay-tmpfile',
      'handle-fid',
      'escaped-xattrs',
      'fs-context',
      'unique-mount-id',
      'tmpfs-direct',
      'fchmodat2',
      'uuid-auto',
      'fsync-option',
      'verity',
      'data-only-layers',
      'verity-metacopy',
    ],
    changes: {
      tmpfsUserXattr: 'supported',
      emptyAcl: 'removes',
      aclCheck: 'before copy-up',
      aclOfProtected: 'read first',
      tmpfsListing: 'repeats after a removal',
      securityXattrs: 'privileged',
      copyUpIntoRemovedDir: 'makes a copy',
      overriddenRedirect: 'EINVAL',
      shownRedirect: 'as it is',
      withoutXattrs: 'whatever needs them',
      dataOnlyLower: 'needs metacopy',
    },
    because: [
      `${DOC}: UUID and fsid, fs-verity support, Nesting overlayfs mounts`,
      `${DOC}: Multiple lower layers, "lowerdir+" by fsconfig`,
    ],
  },
  {
    id: 'linux-6.12.117',
    extends: 'linux-6.12',
    changes: {
      copyUpOverTakenName: 'EEXIST',
      nlinkOfSingleName: 'that of the index',
      unreadableCapability: 'is not copied',
    },
    because: [
      'observed on linux-6.12.117; 6.12.107, 6.18.44 and 7.3-rc7 still rename',
      'observed on linux-6.12.117; copy-up fails on 6.1, 6.18.44 and 7.3-rc7',
      'observed on linux-6.12.117: st_nlink after a cache drop; 6.1, 6.18.44 and 7.3-rc7 show 2',
    ],
  },
  {
    id: 'linux-6.18',
    extends: 'linux-6.12',
    adds: ['layers-by-fd', 'override-creds', 'handle-connectable'],
    removes: ['verity-metacopy'],
    changes: {
      ext4RefusedCollapse: 'stamps',
      openHandlePrivilege: 'asked after a look at the handle',
      statxUnaskedTimes: 'left out',
      dataOnlyLower: 'supported',
      configFd: 'may be of O_PATH',
      unwantedMark: 'refused wherever it is',
    },
    because: [
      'observed on linux-6.18: nofollow and a redirect to nothing is EPERM, on 6.12 no error',
      `${DOC}: Specifying layers via file descriptors, Permission model`,
      'observed on linux-6.18: fsconfig(2) takes an fd of O_PATH, which is EBADF on 6.12',
      'observed on linux-6.18: verity=on mounts without metacopy, statx(2) by parts',
    ],
  },
  {
    id: 'linux-7.2',
    extends: 'linux-6.18',
    changes: {
      uuidOffOfSeveral: 'stays',
      directoryLease: 'is invalid for anybody',
    },
    because: [
      'observed on linux-7.2: uuid=off without an upper layer',
      'observed on linux-7.2.7, 7.2.13 and 7.3-rc7: F_SETLEASE of another user on a directory',
    ],
  },
  {
    id: 'linux-7.3',
    extends: 'linux-7.2',
    because: ['observed on linux-7.3'],
  },
  {
    id: 'linux-7.3.4',
    extends: 'linux-7.3',
    changes: {
      copyUpOverTakenName: 'EEXIST',
      nlinkOfSingleName: 'that of the index',
      unreadableCapability: 'is not copied',
    },
    because: ['observed on linux-7.3.4: as on 6.12.117, and not yet on 7.3-rc7'],
  },
] as const satisfies readonly SemanticsProfile[];
