/** All that the specification of overlayfs says and the model does not, each with its reason. */
export const NOT_MODELLED = [
  {
    spec: 'OVL-MNT-33, FH-40 to FH-42',
    what: 'nfs_export=on with metacopy=on',
    why: 'No kernel takes both: these say what one would have to do that did.',
  },
  {
    spec: 'OVL-MNT-44, OP-59',
    what: 'an upper file system without xattrs and RENAME_WHITEOUT, such as ramfs',
    why: 'All that can be under an upper layer here have both; what a mount does without is known.',
  },
  {
    spec: 'OVL-MNT-55',
    what: 'two lower file systems of one kind that have the same uuid, other than none',
    why: 'Images get a uuid each; two without any, which squashfs has, are treated the same.',
  },
  {
    spec: 'OVL-COPYUP-04',
    what: 'no room on file systems on devices, quotas, and owners that cannot be mapped',
    why: 'How many blocks a change takes there is their own business; on tmpfs it is predicted.',
  },
  {
    spec: 'OVL-COPYUP-32, OP-03',
    what: 'an upper file system that is frozen',
    why: 'What would change it waits until it is thawed, and with it the one thread of steps.',
  },
  {
    spec: 'OVL-COPYUP-33',
    what: 'mapped ids of upper layers, and of capabilities, handles and some lists in others',
    why: 'Capabilities are of a root then; a handle is opened with the ids of another layer.',
  },
  {
    spec: 'OVL-FD-06',
    what: 'F_SETFL with O_DIRECT, and O_DIRECT on file systems on devices',
    why: 'What alignment a file system asks for is its own business; tmpfs is opened with it.',
  },
  {
    spec: 'OVL-RD-02',
    what: 'the order in which a listing has its names',
    why: 'It follows from that of each layer, which file systems choose as they like.',
  },
  {
    spec: 'OVL-RD-04',
    what: 'offsets in directories, telldir and seekdir',
    why: 'They count names in an order that is not predicted, or are the business of the layer.',
  },
  {
    spec: 'OVL-OP-82',
    what: 'quotas',
    why: 'Overlayfs has none to ask about; that freezing and stopping do not pass is checked.',
  },
  {
    spec: 'OVL-OP-84',
    what: 'fanotify, and inotify for longer than a step',
    why: 'What the VFS tells of an overlay inode is checked by inotify, one call at a time.',
  },
  {
    spec: 'OVL-OP-85',
    what: 'case-folded directories',
    why: 'Base file systems are made without the feature, which has to be asked for.',
  },
  {
    spec: 'OVL-SYNC-12, SYNC-15',
    what: 'errors but EIO that come to light when data is written back, and who told nobody',
    why: 'A device that fails here says EIO. The first volatile mounts are a proposal: see there.',
  },
  {
    spec: 'OVL-SYNC-21',
    what: 'a way to look at errors of the upper file system that marks none as seen',
    why: 'To who has files of the overlay open it is the same as passing errors on.',
  },
  {
    spec: 'OVL-OFF-25',
    what: 'changes of layers while they are mounted, but for a name of upper and one call upon it',
    why: 'The documentation leaves undefined what is seen then; only how the call goes is known.',
  },
  {
    spec: 'OVL-OFF-26',
    what: 'an overlay as a lower layer that is merged below its root, or has file handles',
    why: 'What is seen through it is the same then, but for link counts; the one here has neither.',
  },
  {
    spec: 'OVL-WH-03',
    what: 'EMLINK: a shared whiteout that has as many links as its file system allows',
    why: 'The least of them, on ext4, are 65,000: more names than a scenario may have.',
  },
  {
    spec: 'OVL-WH-09',
    what: 'a temporary name that is taken already',
    why: 'Names come from a counter of the whole machine, which no scenario knows.',
  },
  {
    spec: 'ids without a mapping, user_namespaces(7)',
    what: 'mounts by root of a user namespace that lacks some ids',
    why: 'It may not look at all of the layers: each look of the model would ask for permission.',
  },
  {
    spec: 'RESOLVE_CACHED of openat2(2)',
    what: 'opening without a look at a disk',
    why: 'EAGAIN is right at any time, so that there is nothing to compare.',
  },
] as const;
