/** All that may differ between model and kernel and is no difference, each with its reason. */
export const NOT_COMPARED = [
  {
    what: 'ENOENT and the like or EAGAIN, of data-only files whose redirect steps back with ".."',
    why: 'The kernel gives up where a name or mount changes meanwhile, anywhere on the machine.',
  },
  {
    what: 'the order of directory entries',
    why: 'It is the file system below that decides; names are compared as a set, each once.',
  },
  {
    what: 'the value of inode numbers, device numbers and file handles',
    why: 'They are compared by identity: same object, same number, in every tree and xattr.',
  },
  {
    what: 'the value of time stamps that a step set to "now"',
    why: 'They must lie between the clocks before and after that step; set ones are exact.',
  },
  {
    what: 'atime updates by reading',
    why: 'Scenarios run on noatime mounts, as the observation itself reads everything.',
  },
  {
    what: 'the bytes of trusted.overlay.uuid',
    why: 'They are random; that there are 16 of them is compared.',
  },
  {
    what: 'the number in the name of the whiteout that is kept in the work or index directory',
    why: 'It comes from a counter of the whole machine; the object is compared.',
  },
  {
    what: 'names that come or go while a single real directory is being listed',
    why: 'POSIX leaves it open; in a merged directory the listing is a snapshot and is compared.',
  },
  {
    what: 'names of a single real directory that come twice once another was removed',
    why: 'tmpfs with stable offsets loses its place when the next name goes, without overlay too.',
  },
  {
    what: 'trees from the step on in which one look finds two names that claim one object',
    why: 'The first one has it, and which comes first in a directory is as said above.',
  },
  {
    what: 'on ext4, a merged listing after a call with too little room, if there are whiteouts',
    why: 'It is passed over those that come first, and the order of names is that of their hashes.',
  },
  {
    what: 'what follows on older kernels where two names of one inode lead to data of their own',
    why: 'Some calls ask by name, and some ask the inode, which has what the first name led to.',
  },
  {
    what: 'the number of `..` on ext4 in a directory that is moved while it is listed',
    why: 'Names are gathered, and shown as they were until something makes ext4 gather them again.',
  },
  {
    what: 'what is seen between a change of upper beneath a mount and the mount that follows',
    why: 'The documentation leaves it undefined; how change and call went is compared.',
  },
  {
    what: 'on xfs, the flag that there is room for xattrs (FS_XFLAG_HASATTR), and who refuses it',
    why: 'New objects have it if the kernel has a security module that might want some.',
  },
  {
    what: 'on btrfs, st_blocks of directories where that shows what is remembered of their log',
    why: 'Some releases tell 8 once a directory was logged, by fsync(2) or by copy-up: a bug.',
  },
  {
    what: 'on ext4, st_blocks of a file with more than four extents',
    why: 'They are listed in blocks of their own then, some time after they came to be.',
  },
  {
    what: 'st_blocks of a file with holes that was written to by memory, on disks of some releases',
    why: 'All that is cached with the page is allocated, and what is depends on reading ahead.',
  },
  {
    what: 'on xfs, st_blocks of a file that was written to as it shared blocks, and of its clones',
    why: 'Blocks are reserved as the allocator likes, and some releases write holes around them.',
  },
  {
    what: 'on xfs, size and blocks of a directory with more than 192 bytes of names',
    why: 'When they get a block depends on room kept for xattrs, which is as said below.',
  },
  {
    what: 'on xfs, anything once SEEK_DATA or SEEK_HOLE was asked of such a file',
    why: 'Reserved blocks count as data once they were read, and the offset is where it went.',
  },
  {
    what: 'what SEEK_DATA and SEEK_HOLE find in room of a file without a name that was read since',
    why: "What is in memory counts as data, and how far is read ahead is the kernel's to say.",
  },
  {
    what: 'on xfs, whether memory written after a new size or zeros stamps the file once more',
    why: 'Both write pages back, which ones hangs on what is on the disk already.',
  },
  {
    what: 'whether memory of large folios stamps again once one of them was cut or a hole made',
    why: 'It may have been split, and then a part of it is mapped with the page written to.',
  },
  {
    what: 'on btrfs, times and blocks after a hole over the end that a file with a hole once had',
    why: 'Whether it is one hole by then hangs on what was synced when, and copied.',
  },
  {
    what: 'on xfs, what comes of it when a part of a large folio was synced and the device fails',
    why: 'Whether the rest of it went to the disk along hangs on what else was to be written.',
  },
  {
    what: 'on btrfs, and on xfs with large folios, the same once pages beside it went to the disk',
    why: 'What is written next to a range, or is cached with it, goes to the disk along with it.',
  },
  {
    what: 'on btrfs, squashfs and EROFS, what a handle with a flipped bit in the number opens',
    why: 'Nothing but the number tells objects apart there that were made together.',
  },
  {
    what: 'on btrfs, what SEEK_DATA finds from before the start of a file; it is not drawn',
    why: 'Data that is on the disk already is passed over, and what is there is not predicted.',
  },
  {
    what: 'on ext4, whether an inode number that is in use no more is given again',
    why: 'The allocator of the file system decides; an object in use is never taken for another.',
  },
  {
    what: 'a listing after a seek to anything but the start',
    why: 'Offsets are the business of the file system below.',
  },
  {
    what: 'the length that listxattr tells when asked with size 0',
    why: 'It counts the private names too, and may be more than the names that then come.',
  },
  {
    what: 'zeros that a file reads as behind its size',
    why: 'Size and data may come from different layers; the dump sends no zeros at the end.',
  },
  {
    what: 'trees after a crash of the file system under the upper layer',
    why: 'What was not synced may be there or not; what must be is a law of its own: durability.',
  },
  {
    what: 'anything once a file system cannot write names, or its log, as its device fails',
    why: 'What it keeps of them is its own business; data alone is lost in a way that is known.',
  },
  {
    what: 'whether FS_IOC_FIEMAP with FIEMAP_FLAG_SYNC tells of an error',
    why: 'It is but a way to have data written that tells nobody who is asked later.',
  },
  {
    what: 'layers on ext4 and xfs after a mount that a volatile mark or an index entry refuses',
    why: 'What is listed before it is removed from the work directory, in any order.',
  },
  {
    what: 'what comes of FIDEDUPERANGE between two upper files where blocks can be shared',
    why: 'Overlayfs passes it on; how much is shared then is the business of the file system.',
  },
  {
    what: 'all that follows where a handle finds a file with several cached names, on ext4 and xfs',
    why: 'It is used by the name that came last, and looks come by names in the order of hashes.',
  },
  {
    what: 'all that follows where a listing without room was to look for xattr whiteouts',
    why: 'A number is another one when its name is looked up again, and that depends on the order.',
  },
  {
    what: 'what statfs says is free, and its flags',
    why: 'Disks count that late, some for each processor; flags are those of the mount.',
  },
  {
    what: 'whether a listing fails on its way, where it comes to names that cannot be looked up',
    why: 'A call fails when it came to nothing else before, which depends on the order of names.',
  },
  {
    what: 'whether getdents fails when some names do not fit, and others do',
    why: 'It fails when the next one does not, which depends on the order of names.',
  },
  {
    what: 'where lseek(2) gets in a directory whose offsets are hashes, and whether it does',
    why: 'Offsets are the business of the file system below, and so is where they end.',
  },
  {
    what: 'stx_blksize, stx_attributes_mask and the alignments of direct I/O in statx(2)',
    why: 'They are those of the file system below and of what the kernel was built with.',
  },
  {
    what: 'the order of names that listxattr returns',
    why: 'It is the file system below that decides; names are compared as a set, each once.',
  },
  {
    what: 'the flags of the mount point in mountinfo',
    why: 'They are of the VFS; what follows the last dash, which overlayfs writes, is compared.',
  },
] as const;
