import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

/** Rules of system calls beyond the common ones. */
export const CALL_RULES = {
  'statx/creation-time': {
    says: 'The creation time is that of the real object, so copy-up makes it new.',
    source: OBSERVED,
    needs: 'tmpfs-btime',
  },
  'copy-range/real-files': {
    says: 'copy_file_range reads and writes the real files of now; holes arrive as zeros.',
    source: OBSERVED,
  },
  'clone/drops-privileges-first': {
    says: 'A clone drops privileges like a write before the layer refuses it.',
    source: OBSERVED,
  },
  'clone/shares-blocks': {
    says: 'A clone shares the blocks of the real files of now.',
    source: 'observed on linux-6.18: xfs and btrfs',
    on: ['xfs', 'btrfs'],
  },
  'copy-range/shares-blocks': {
    says: 'copy_file_range shares whole blocks where it can, and stops behind the last of them.',
    source: 'observed on linux-6.18: xfs and btrfs',
    on: ['xfs', 'btrfs'],
  },
  'lock/overlay-inode': {
    says: 'Locks are on the overlay inode: copy-up neither loses nor doubles them.',
    source: OBSERVED,
  },
  'lease/overlay-inode': {
    says: 'A lease counts who has the overlay inode open; the real files do not matter.',
    source: OBSERVED,
  },
  'lease/before-copy-up': {
    says: 'Who would break a lease is sent away before anything is copied up.',
    source: 'observed on linux-6.18: open(2) with O_NONBLOCK',
  },
  'ioctl/not-passed-on': {
    says: 'Requests to a file system as a whole do not reach that of a layer.',
    source: 'observed on linux-6.18: FIFREEZE, FS_IOC_SHUTDOWN and others',
  },
  'ioctl/extents-of-real-file': {
    says: 'FS_IOC_FIEMAP is about one real file, on most kernels that of the data.',
    source: 'observed on linux-6.18: ext4, xfs, btrfs',
    on: ['ext4', 'xfs', 'btrfs', 'erofs'],
  },
  'dedupe/both-upper': {
    says: 'Files share data that is the same when both are in the upper layer, and else not.',
    source: 'observed on linux-6.18: EPERM',
  },
  'dedupe/one-file-system': {
    says: 'Files share data only where it is on one file system.',
    source: 'observed on linux-6.1 and 7.3: EXDEV',
    with: ['metacopy=on'],
    needsSeveral: true,
  },
  'atime/of-upper': {
    says: 'Reading stamps an object of the upper layer as the mount of the overlay wants it.',
    source: 'observed on linux-6.18: a second mount point with strictatime',
  },
  'atime/not-of-lower': {
    says: 'Reading never stamps an object of a lower layer.',
    source: 'observed on linux-6.18: a second mount point with strictatime',
  },
  'chmod/no-symlink': {
    says: 'The mode of a symlink cannot be changed, and trying copies nothing up.',
    source: 'observed on linux-6.12, 6.18 and 7.3',
    needs: 'fchmodat2',
  },
  'flags/copy-up': {
    says: 'Setting flags of a file copies it up, even when nothing changes.',
    source: OBSERVED,
    needs: 'tmpfs-flags',
  },
  'flags/real-file-forbids': {
    says: 'An immutable or append-only file of the upper layer is so for the overlay itself.',
    source: 'observed on linux-5.10',
    where: { protectionOfUpper: 'on its inode' },
    needsSeveral: true,
  },
  'flags/copy-up-first': {
    says: 'Setting flags copies a file up with its data, even when the copy can have none.',
    source: 'observed on linux-5.10',
    where: { flagsUnsupported: 'after copy-up' },
  },
  'flags/set-id-dropped': {
    says: 'FS_IOC_FSSETXATTR is handed on as the caller does it: xfs takes set-id bits of others.',
    source: 'observed on linux-5.10 with xfs; 6.1 and later do it as the mounter',
    where: { flagsUnsupported: 'after copy-up' },
    on: ['xfs'],
  },
  'flags/protection-in-xattr': {
    says: 'That a file is immutable or append-only is an xattr of its copy, not a flag of it.',
    source: OBSERVED,
    where: { protectionOfUpper: 'in an xattr' },
  },
  'flags/copied-up': {
    says: 'A copy gets the noatime and sync flags of the lower object, and no other.',
    source: OBSERVED,
    where: { protectionOfUpper: 'in an xattr' },
  },
  'flags/no-attribute-change': {
    says: 'Owner, mode, xattrs and given times of a protected object do not change.',
    source: OBSERVED,
    needs: 'tmpfs-flags',
  },
  'flags/no-removal': {
    says: 'A protected name stays, as does every name in an append-only directory.',
    source: OBSERVED,
    needs: 'tmpfs-flags',
  },
  'flags/append-only': {
    says: 'An append-only file is opened for writing with O_APPEND alone.',
    source: OBSERVED,
    needs: 'tmpfs-flags',
  },
  'acl/copy-up': {
    says: 'Access control lists are those of the real object, and changing one copies it up.',
    source: OBSERVED,
  },
  'splice/real-file': {
    says: 'Splicing reads and writes the real file of now, and drops privileges as writing does.',
    source: OBSERVED,
  },
  'write/append-flag': {
    says: 'RWF_APPEND writes at the end of the real file of now, whatever the offset.',
    source: 'observed on linux-6.12, 6.18, 7.2 and 7.3; 6.1 and 5.10 write at the offset',
    where: { appendFlag: 'appends' },
  },
  'write/noappend-is-lost': {
    says: 'RWF_NOAPPEND on a file that is open with O_APPEND appends all the same.',
    source: 'observed on linux-6.12, 6.18, 7.2 and 7.3; tmpfs alone writes at the offset',
    needs: 'rwf-noappend',
    isUndrawn: true,
  },
  'fd/append-is-told': {
    says: 'O_APPEND that fcntl sets or clears is told to the real file of now with its next use.',
    source: 'observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'fd/append-is-told-too-late': {
    says: 'A real file that became append-only is not told O_APPEND any more: all use is EPERM.',
    source: 'observed on linux-5.10, where FS_APPEND_FL is set on the real file',
    where: { flagsUnsupported: 'after copy-up' },
    on: ['ext4', 'xfs', 'btrfs'],
  },
  'watch/survives-copy-up': {
    says: 'A watch is of the overlay inode: it is told what is done after copy-up, and no copy-up.',
    source: 'inotify(7); observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'watch/of-another-name': {
    says: 'A watch of a lower hard link that has no index is not told of what its other names do.',
    source: 'inotify(7); observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'watch/outlives-cache': {
    says: 'A watch holds the overlay inode: names that were forgotten lead to it again.',
    source: 'inotify(7); observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'watch/ends-with-last-name': {
    says: 'IN_DELETE_SELF comes with the last name of a file, open by another one or not.',
    source: 'observed on linux-5.10, 6.1, 6.18.44 and 7.2.13, and on a plain file system there',
    where: { deleteSelf: 'comes with the last name' },
  },
  'watch/waits-for-open-names': {
    says: 'IN_DELETE_SELF waits until a file is not open by any of the names that it had.',
    source: 'observed on linux-6.12.117 and 7.3.4, and on a plain file system there',
    where: { deleteSelf: 'waits for all names' },
  },
  'exec/overlay-inode': {
    says: 'A running program cannot be written through the overlay, copied up or not.',
    source: OBSERVED,
    where: { runningProgram: 'guards its overlay inode' },
  },
  'exec/real-file': {
    says: 'The real file of a running program cannot be written, but a copy of it can.',
    source: 'observed on linux-5.10',
    where: { runningProgram: 'guards its real file' },
  },
  'exec/truncation-copies-up': {
    says: 'Opening a running lower program with O_TRUNC fails, and yet leaves an empty copy.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'fd-path/follows-rename': {
    says: 'The link of an open file in /proc is its path now, and says so when that is deleted.',
    source: OBSERVED,
  },
  'reopen/by-open-file': {
    says: 'Opening by /proc/self/fd asks for permission again, and copies up for writing.',
    source: OBSERVED,
  },
  'openat2/stays-below': {
    says: 'A path through the overlay never leaves the mount, as RESOLVE_BENEATH wants it.',
    source: OBSERVED,
  },
  'getcwd/follows-rename': {
    says: 'An open directory knows its path after renames, and ENOENT once it is removed.',
    source: OBSERVED,
  },
  'open/direct': {
    says: 'O_DIRECT is asked of the real file, after copy-up and creation.',
    source: OBSERVED,
  },
  'mmap/file-of-open-time': {
    says: 'Memory maps the real file of open time, even when it is mapped after copy-up.',
    source: `${DOC}: Non-standard behavior`,
  },
  'mmap/no-copy-up-seen': {
    says: 'Mapped memory of a lower file does not see what is written to the upper one.',
    source: `${DOC}: Non-standard behavior`,
  },
  'mmap/first-write-stamps': {
    says: 'A write to shared memory stamps the real file when it faults, and drops no privileges.',
    source: OBSERVED,
  },
  'fallocate/zeroes-over-end': {
    says: 'A range that is zeroed over the end of a file has all of its last block.',
    source: 'fallocate(2)',
    on: ['ext4', 'xfs'],
  },
} as const satisfies Record<string, Rule>;
