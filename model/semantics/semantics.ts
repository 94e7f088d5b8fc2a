/** A thing a kernel can do at all. Absent means the mount option or call fails. */
export type Feature =
  | 'overlay-tmpfile'
  /** name_to_handle_at(2) knows AT_HANDLE_FID. */
  | 'handle-fid'
  /** It knows AT_HANDLE_CONNECTABLE, and user flags in the type of a handle. */
  | 'handle-connectable'
  | 'escaped-xattrs'
  /** A file can be a whiteout, and a directory say that it holds some. */
  | 'xattr-whiteouts'
  | 'userxattr'
  /** Root of a user namespace may mount overlays. */
  | 'mounts-of-user-namespaces'
  | 'uuid-option'
  /** mount_setattr(2) maps ids of ext4, xfs, btrfs and EROFS, and layers may be mounted so. */
  | 'mapped-mounts'
  /** Of tmpfs and SquashFS, too. */
  | 'mapped-mounts-of-tmpfs'
  /** Of an overlay that is a layer. */
  | 'mapped-mounts-of-overlay'
  /** statx(2) tells a mount id that is never used again. */
  | 'unique-mount-id'
  /** It tells which subvolume of a btrfs. */
  | 'subvolume-ids'
  /** tmpfs takes O_DIRECT. */
  | 'tmpfs-direct'
  | 'fchmodat2'
  /** FS_IOC_GETFSUUID asks a file system for its uuid. */
  | 'fs-uuid-request'
  /** pwritev2(2) knows RWF_NOAPPEND. */
  | 'rwf-noappend'
  /** EROFS takes O_DIRECT. */
  | 'erofs-direct'
  /** tmpfs tells when a file was made. */
  | 'tmpfs-btime'
  /** tmpfs keeps flags of files. */
  | 'tmpfs-flags'
  /** uuid=null and uuid=auto, which is the default; uuid=on keeps a uuid in an xattr. */
  | 'uuid-auto'
  | 'fsync-option'
  /** Options go to the kernel one by one; mount(2) only splits its string. */
  | 'fs-context'
  /** Layers may be given as file descriptors. */
  | 'layers-by-fd'
  | 'override-creds'
  /** Lower layers after `::`, whose names nobody sees. */
  | 'data-only-layers'
  | 'verity'
  /** FS_IOC_FSGETXATTR tells that a file has fs-verity. */
  | 'verity-xflag'
  /** verity=on turns metacopy on, or is refused. */
  | 'verity-metacopy'
  /** metacopy=upper: no file of a lower layer may have attributes only. */
  | 'metacopy-upper';

/** A question that two kernels, or a kernel and a proposal, may answer differently. */
export interface Behaviour {
  /** When an access control list is looked at closely. */
  readonly aclCheck: 'before copy-up' | 'after copy-up';
  /** FIDEDUPERANGE of files on two file systems: who says that they cannot share. */
  readonly dedupeAcross: 'the file system' | 'the VFS';
  /** FIDEDUPERANGE on a file of which upper has attributes only: whose mount is written to. */
  readonly dedupeOntoLower: 'that of the overlay' | 'that of the layer';
  /** Which real file FS_IOC_FIEMAP is about, where attributes and data are of two. */
  readonly fiemap: 'that of attributes' | 'that of data';
  /** Whom an access control list names, seen through a mount that maps ids. */
  readonly mappedLists: 'as on disk' | 'mapped';
  /** setxattr(2) of an access control list without a byte. */
  readonly emptyAcl: 'EINVAL' | 'removes';
  /** sendfile(2) to what was opened to append. */
  readonly sendfileToAppend: 'EINVAL' | 'EINVAL but for pipes';
  /** RWF_APPEND of pwritev2(2), which has to reach the real file. */
  readonly appendFlag: 'is lost' | 'appends';
  /** What overlayfs does with a file of a layer that asks for its name. */
  readonly nameOfRealFile: 'looks for its inode' | 'is asked for';
  /** Where it is kept that an object of the upper layer is immutable or append-only. */
  readonly protectionOfUpper: 'on its inode' | 'in an xattr';
  /** setxattr(2) of an access control list of a protected object. */
  readonly aclOfProtected: 'EPERM before the list is read' | 'read first';
  /** What write(2) takes of memory that faults: a page of the file is filled, or is not begun. */
  readonly userCopy: 'by whole pages' | 'as far as it goes';
  /** A set-id bit that goes when somebody writes to tmpfs: others do not stamp it. */
  readonly lostSetId: 'not stamped' | 'stamped by tmpfs';
  /** What a program that runs keeps others from writing to. */
  readonly runningProgram: 'guards its real file' | 'guards its overlay inode';
  /** A name that a listing of a merged directory finds gone, or cannot look up. */
  readonly staleNames: 'shown' | 'left out';
  /** Whether tmpfs stamps a change of xattrs. */
  readonly tmpfsXattrs: 'not stamped' | 'stamped';
  /** fallocate(2) on tmpfs that takes nothing out; a change stamps mtime and takes privileges. */
  readonly tmpfsAllocation: 'stamps ctime' | 'is a change';
  /** Holes of a tmpfs that the kernel itself reads, to copy or to splice. */
  readonly tmpfsSplicedHoles: 'filled' | 'left';
  /** A new directory in a merged one. */
  readonly newDirInMerged: 'is opaque' | 'is opaque unless layers may change';
  /** When a file system that keeps no flags of files says so. */
  readonly flagsUnsupported: 'after copy-up' | 'before copy-up';
  /** user.* xattrs on tmpfs, which holds the layers. */
  readonly tmpfsUserXattr: 'EOPNOTSUPP' | 'supported';
  /** What a limit of tmpfs has to do with xattrs. */
  readonly tmpfsXattrRoom: 'free' | 'of inodes';
  /** mtime on ext4 when fallocate(2) has nothing to do, or refuses to take a range out. */
  readonly ext4IdleFallocate: 'stamps' | 'stamps nothing';
  /** What punching a hole on ext4 does first with data that is in memory alone. */
  readonly ext4Punching: 'writes back' | 'writes nothing';
  /**
   * How far a hole on ext4 goes that is punched over the end of the file. The block of the end is
   * the one behind the last where the file ends with a block.
   */
  readonly ext4EndOfHoles: 'block of the end' | 'last block' | 'last block, also up to the end';
  /** st_blocks of directories of a btrfs: an fsync(2) of one, as by copy-up, shows in it. */
  readonly btrfsDirBlocks: 'none' | 'of their log';
  /** What getdents(2) shows of a directory of a btrfs. */
  readonly btrfsListing: 'what is there' | 'what is there since it was opened';
  /** That a file of a btrfs had no privileges when it was written to. */
  readonly btrfsNoSec: 'remembered' | 'not remembered';
  /** What reading at the very end of a file, where nothing is, leaves in memory. */
  readonly readAtEnd: 'makes a page' | 'makes nothing';
  /** What copy-up does within a btrfs, where FICLONE always shares. */
  readonly btrfsCopyUp: 'copies data' | 'shares blocks';
  /** What was written through memory behind the end of a file on ext4, where the end moves. */
  readonly ext4Tails: 'shown' | 'zeroed';
  /** Folios of several pages that the first write to one of them maps as a whole. */
  readonly mappedFolios: 'none' | 'of xfs' | 'of disks';
  /** Folios of several pages that go to the disk as a whole when one of them is synced. */
  readonly writtenFolios: 'none' | 'of xfs' | 'of disks';
  /** What is allocated on xfs when memory is written that maps a hole. */
  readonly xfsMappedHoles: 'that page' | 'four pages or more' | 'two pages or more';
  /** XATTR_CREATE with XATTR_REPLACE, of an xattr that is not there, on xfs. */
  readonly xfsReplacing: 'ENODATA' | 'creates';
  /** What SEEK_DATA takes the holes of a squashfs for. */
  readonly squashfsHoles: 'holes' | 'data';
  /** Whether a listing of tmpfs may start over when the name that comes next is removed. */
  readonly tmpfsListing: 'each name once' | 'repeats after a removal';
  /** Times of files that statx(2) was not asked for. */
  readonly statxUnaskedTimes: 'told' | 'left out';
  /** Whether file handles say that inode numbers of a file system have no more than 32 bits. */
  readonly ino32Handles: 'known' | 'not known';
  /** Flags that FS_IOC_FSGETXATTR tells and nobody can set, in FS_IOC_FSSETXATTR. */
  readonly toldXflags: 'are refused' | 'are left aside';
  /** A name that memory is mapped from, where the layer with the file is an overlay itself. */
  readonly nestedMapping: 'in use' | 'not in use';
  /** A lease on a directory: whether the caller may have one, or that nobody can. */
  readonly directoryLease: 'asks who takes it' | 'is invalid for anybody';
  /** What copy-up into a removed directory does in the work directory before it fails. */
  readonly copyUpIntoRemovedDir: 'nothing' | 'makes a copy';
  /** Copy-up of an object whose security.capability makes no sense to the kernel. */
  readonly unreadableCapability: 'fails copy-up' | 'is not copied';
  /** A redirect or a metacopy that the mount options forbid to follow, and nothing is below. */
  readonly unwantedMark: 'refused if something is below' | 'refused wherever it is';
  /** IN_DELETE_SELF for the last name of a file that is open by one that went before. */
  readonly deleteSelf: 'comes with the last name' | 'waits for all names';
  /** rename(2) or unlink(2) of a name that was taken from the upper layer beneath the mount. */
  readonly lostName: 'ESTALE' | 'ENOENT';
  /** Copy-up of an open directory or special file whose name another object has now. */
  readonly copyUpOverTakenName: 'as rename(2)' | 'EEXIST';
  /** Data behind the size that copy-up is to copy, and nothing before. */
  readonly dataBehindSize: 'is copied' | 'EIO';
  /** Whether the link count that the index keeps holds for a file with one lower name, too. */
  readonly nlinkOfSingleName: 'that of the upper file' | 'that of the index';
  /** What truncate(2) of a file with fs-verity, which fails, does to it. */
  readonly verityTruncation: 'takes capabilities' | 'changes nothing';
  /** When open_by_handle_at(2) asks for the privilege that it needs. */
  readonly openHandlePrivilege: 'asked first' | 'asked after a look at the handle';
  /**
   * Who may set and remove security.* xattrs. With the BPF security module built in, kernels before
   * 6.11 forgot to ask for a privilege; security.capability alone still needed one to be set.
   */
  readonly securityXattrs: 'anybody' | 'privileged';
  /** A value of redirect_dir that there is not, when a later one overrides it. */
  readonly overriddenRedirect: 'may be anything' | 'EINVAL';
  /** What mountinfo says of redirect_dir, and when. */
  readonly shownRedirect: 'as it was given' | 'as it is';
  /** What a mount whose upper file system takes no private xattrs does without. */
  readonly withoutXattrs: 'index, metacopy' | 'index, metacopy, xino' | 'whatever needs them';
  /** What a mount with an upper layer and no work directory gets. */
  readonly upperWithoutWork: 'ENOMEM' | 'EINVAL';
  /** Upper through a read-only mount: what is made there fails, or is not tried. */
  readonly readOnlyUpper: 'EROFS' | 'EINVAL';
  /** What a mount of more lower layers than there may be gets. */
  readonly tooManyLowers: 'ENOMEM' | 'EINVAL';
  /** Lower layers after `::`, whose names nobody sees. */
  readonly dataOnlyLower: 'unknown' | 'needs metacopy' | 'supported';
  /** A lower file system without a uuid: whether its file handles are taken for its own. */
  readonly nullUuid: 'trusted with index, metacopy or xino' | 'trusted unless changes are allowed';
  /** xino=auto, when the inode numbers of a lower file system cannot be kept. */
  readonly untraceableXino: 'stays' | 'off';
  /** What EROFS has for file handles. */
  readonly erofsHandles: 'none' | 'of 32 bits' | 'of 64 bits';
  /** The file descriptors that fsconfig(2) takes. */
  readonly configFd: 'must be open' | 'may be of O_PATH';
  /** What syncfs(2) of a file of an overlay says of errors on the upper file system. */
  readonly syncfsErrors: 'of syncing alone' | 'passed on' | 'of the upper file system';
  /** Whether volatile mounts fail once the upper file system had an error. */
  readonly volatileErrors: 'are not looked at' | 'stay';
  /** The upper file of what was opened before its copy-up. */
  readonly lateUpperFile: 'opened for each call' | 'stays open';
  /** When copy-up syncs a file, unless a mount says so itself. */
  readonly copySync: 'after its data' | 'at the end, without metacopy';
  /** uuid=off when the layers are on more than one file system, or none is upper. */
  readonly uuidOffOfSeveral: 'falls back' | 'stays';
  /** What a file system makes when it is asked for a whiteout. */
  readonly whiteoutObject: 'a new one' | 'one that nothing changes';
  /** Where the data of a file is that has attributes only, and says what it is a copy of. */
  readonly metacopyData: 'by name' | 'by origin';
  /** What has to be the very object that the one above it was copied up from. */
  readonly originCheck: 'where exported or indexed' | 'wherever one is noted';
  /** nfs_export=on with metacopy=on; unchecked handles lead to files without looking for data. */
  readonly exportOfMetacopy: 'excluded' | 'with one lower layer' | 'allowed' | 'unchecked';
}

export interface SemanticsProfile {
  readonly id: string;
  /** The profile that it changes; `any kernel` is the one that it is held against. */
  readonly extends: string | null;
  readonly adds?: readonly Feature[];
  readonly removes?: readonly Feature[];
  readonly changes?: Partial<Behaviour>;
  /** Where a reader can check it: a document section, a commit, a mail. Never empty. */
  readonly because: readonly [string, ...string[]];
}

/** A profile with everything it inherits. */
export interface Semantics {
  readonly id: string;
  readonly features: ReadonlySet<Feature>;
  readonly behaviour: Behaviour;
}

/** Settings of the running machine, not of its kernel version; the harness reads them. */
export interface Environment {
  readonly protectedHardlinks: boolean;
  readonly protectedSymlinks: boolean;
  /** Parameters of the overlay module: what an option is that the mount string leaves out. */
  readonly redirectAlwaysFollow: boolean;
  readonly redirectDirDefault: boolean;
  readonly indexDefault: boolean;
  readonly nfsExportDefault: boolean;
  readonly metacopyDefault: boolean;
  readonly xinoAutoDefault: boolean;
  /** The kernel knows fs-verity; that file systems do is another matter. */
  readonly fsVerity: boolean;
  /** Memory mapped for writing alone can be read: UML has a processor of its own on which not. */
  readonly writeImpliesRead: boolean;
  /** Pages are read and written several as one: no kernel without transparent huge pages does. */
  readonly largeFolios: boolean;
}

/** A machine as distributions set it up. */
export const USUAL_ENVIRONMENT: Environment = {
  protectedHardlinks: true,
  protectedSymlinks: true,
  redirectAlwaysFollow: true,
  redirectDirDefault: false,
  indexDefault: false,
  nfsExportDefault: false,
  metacopyDefault: false,
  xinoAutoDefault: false,
  fsVerity: true,
  writeImpliesRead: true,
  largeFolios: true,
};
