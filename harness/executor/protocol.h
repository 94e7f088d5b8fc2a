/* Printed by c-header.ts from protocol.ts. Do not edit. */
#ifndef OVLCHECK_PROTOCOL_H
#define OVLCHECK_PROTOCOL_H

#include <stdint.h>
#include <sys/syscall.h>

#define PROTOCOL_HASH "fa8da6e5db7ea3751795d76691887f631d7d1ef196afd868a462dde7841ec4d5"

#define FRAME_HELLO 1
#define FRAME_PROGRAM 2
#define FRAME_RESULTS 3
#define FRAME_FATAL 4
#define FRAME_PING 5
#define FRAME_PACKED 6

#define INSTRUCTION_CALL 1
#define INSTRUCTION_CLOSE 2
#define INSTRUCTION_DUMP 3
#define INSTRUCTION_CHILD 4
#define INSTRUCTION_TREE 5
#define INSTRUCTION_APART 6
#define INSTRUCTION_UNTIL 7

#define ARG_IMMEDIATE 0
#define ARG_INPUT 1
#define ARG_OUTPUT 2
#define ARG_INOUT 3
#define ARG_SLOT 4
#define ARG_STRUCT 5
#define ARG_KEEP 6
#define ARG_KEPT 7

#define RECORD_GONE 0
#define RECORD_NODE 1
#define RECORD_UNREADABLE 2

#define TREE_COPY 1
#define TREE_CHOWN 2
#define TREE_REMOVE 3

#define TREE_FLAG_XATTRS 1
#define TREE_FLAG_LINKS 2

#define LIMIT_FRAME_BYTES 4194304
#define LIMIT_INSTRUCTIONS 16384
#define LIMIT_ARGUMENTS 6
#define LIMIT_SLOTS 80
#define LIMIT_LASTING_SLOTS_FROM 64
#define LIMIT_KEPT 8
#define LIMIT_KEPT_BYTES 192
#define LIMIT_TREES 4
#define LIMIT_TREE_DEPTH 24
#define LIMIT_TREE_LINKS 64
#define LIMIT_TREE_NODES 2048
#define LIMIT_TREE_BYTES 1048576
#define LIMIT_FILE_BYTES 1048576
#define LIMIT_XATTR_BYTES 65536
#define LIMIT_ARENA_BYTES 1048576
#define LIMIT_ENTROPY_BYTES 16
#define LIMIT_CREDIT_BYTES 1024
#define LIMIT_PACK_COPY_BYTES 4
#define LIMIT_WAIT_MS 30000

#define SHOWN_FLAGS 1048688

#define EXTENT_BLOCK_BYTES 64

struct ovl_header {
	uint32_t type;
	uint32_t bytes;
	uint32_t tag;
	uint32_t zero;
};
_Static_assert(sizeof(struct ovl_header) == 16, "header");

struct ovl_hello {
	uint64_t since_start_ns;
};
_Static_assert(sizeof(struct ovl_hello) == 8, "hello");

struct ovl_ping {
	uint64_t entropy_low;
	uint64_t entropy_high;
	uint64_t realtime_ns;
};
_Static_assert(sizeof(struct ovl_ping) == 24, "ping");

struct ovl_call {
	uint8_t op;
	uint8_t count;
	uint16_t call;
	int16_t slot;
	uint16_t zero;
};
_Static_assert(sizeof(struct ovl_call) == 8, "call");

struct ovl_argument {
	uint8_t kind;
	uint8_t zero;
	uint16_t zero2;
	uint32_t bytes;
	uint64_t value;
};
_Static_assert(sizeof(struct ovl_argument) == 16, "argument");

struct ovl_close {
	uint8_t op;
	uint8_t zero;
	uint16_t zero2;
	uint32_t slot;
};
_Static_assert(sizeof(struct ovl_close) == 8, "close");

struct ovl_dump {
	uint8_t op;
	uint8_t tree;
	uint16_t zero;
	uint32_t bytes;
};
_Static_assert(sizeof(struct ovl_dump) == 8, "dump");

struct ovl_tree {
	uint8_t op;
	uint8_t action;
	uint16_t flags;
	uint32_t bytes;
	int32_t uid;
	int32_t gid;
	uint64_t zero;
};
_Static_assert(sizeof(struct ovl_tree) == 24, "tree");

struct ovl_apart {
	uint8_t op;
	uint8_t calls;
	uint16_t zero;
	uint32_t bytes;
};
_Static_assert(sizeof(struct ovl_apart) == 8, "apart");

struct ovl_until {
	uint8_t op;
	uint8_t zero;
	uint16_t error;
	uint32_t milliseconds;
};
_Static_assert(sizeof(struct ovl_until) == 8, "until");

struct ovl_result {
	uint8_t op;
	uint8_t outputs;
	uint16_t zero;
	uint32_t zero2;
	int64_t value;
};
_Static_assert(sizeof(struct ovl_result) == 16, "result");

struct ovl_changes {
	uint8_t op;
	uint8_t tree;
	uint16_t zero;
	uint32_t records;
	int64_t error;
};
_Static_assert(sizeof(struct ovl_changes) == 16, "changes");

struct ovl_record {
	uint32_t bytes;
	uint8_t kind;
	uint8_t d_type;
	uint16_t path_bytes;
	uint64_t d_ino;
	uint64_t dot_ino;
	uint64_t dotdot_ino;
	int32_t error;
	uint32_t mode;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint32_t target_bytes;
	uint32_t xattrs;
	uint32_t extents;
	uint64_t ino;
	uint64_t size;
	uint64_t blocks;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	int64_t atime_sec;
	int64_t mtime_sec;
	int64_t ctime_sec;
	uint32_t atime_nsec;
	uint32_t mtime_nsec;
	uint32_t ctime_nsec;
	uint32_t flags;
};
_Static_assert(sizeof(struct ovl_record) == 144, "record");

struct ovl_xattr {
	uint32_t name_bytes;
	int32_t value_bytes;
};
_Static_assert(sizeof(struct ovl_xattr) == 8, "xattr");

struct ovl_extent {
	uint64_t offset;
	uint32_t bytes;
	uint32_t zero;
};
_Static_assert(sizeof(struct ovl_extent) == 16, "extent");

#ifndef SYS_openat
#define SYS_openat -1
#endif
#ifndef SYS_read
#define SYS_read -1
#endif
#ifndef SYS_write
#define SYS_write -1
#endif
#ifndef SYS_pread64
#define SYS_pread64 -1
#endif
#ifndef SYS_pwrite64
#define SYS_pwrite64 -1
#endif
#ifndef SYS_lseek
#define SYS_lseek -1
#endif
#ifndef SYS_ftruncate
#define SYS_ftruncate -1
#endif
#ifndef SYS_truncate
#define SYS_truncate -1
#endif
#ifndef SYS_fallocate
#define SYS_fallocate -1
#endif
#ifndef SYS_mkdirat
#define SYS_mkdirat -1
#endif
#ifndef SYS_mknodat
#define SYS_mknodat -1
#endif
#ifndef SYS_symlinkat
#define SYS_symlinkat -1
#endif
#ifndef SYS_readlinkat
#define SYS_readlinkat -1
#endif
#ifndef SYS_linkat
#define SYS_linkat -1
#endif
#ifndef SYS_unlinkat
#define SYS_unlinkat -1
#endif
#ifndef SYS_renameat2
#define SYS_renameat2 -1
#endif
#ifndef SYS_fchmodat
#define SYS_fchmodat -1
#endif
#ifndef SYS_fchmod
#define SYS_fchmod -1
#endif
#ifndef SYS_fchownat
#define SYS_fchownat -1
#endif
#ifndef SYS_fchown
#define SYS_fchown -1
#endif
#ifndef SYS_utimensat
#define SYS_utimensat -1
#endif
#ifndef SYS_fsync
#define SYS_fsync -1
#endif
#ifndef SYS_fdatasync
#define SYS_fdatasync -1
#endif
#ifndef SYS_syncfs
#define SYS_syncfs -1
#endif
#ifndef SYS_getdents64
#define SYS_getdents64 -1
#endif
#ifndef SYS_setxattr
#define SYS_setxattr -1
#endif
#ifndef SYS_lsetxattr
#define SYS_lsetxattr -1
#endif
#ifndef SYS_fsetxattr
#define SYS_fsetxattr -1
#endif
#ifndef SYS_getxattr
#define SYS_getxattr -1
#endif
#ifndef SYS_lgetxattr
#define SYS_lgetxattr -1
#endif
#ifndef SYS_fgetxattr
#define SYS_fgetxattr -1
#endif
#ifndef SYS_listxattr
#define SYS_listxattr -1
#endif
#ifndef SYS_llistxattr
#define SYS_llistxattr -1
#endif
#ifndef SYS_removexattr
#define SYS_removexattr -1
#endif
#ifndef SYS_lremovexattr
#define SYS_lremovexattr -1
#endif
#ifndef SYS_fremovexattr
#define SYS_fremovexattr -1
#endif
#ifndef SYS_statfs
#define SYS_statfs -1
#endif
#ifndef SYS_statx
#define SYS_statx -1
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 -1
#endif
#ifndef SYS_mount
#define SYS_mount -1
#endif
#ifndef SYS_umount2
#define SYS_umount2 -1
#endif
#ifndef SYS_clock_gettime
#define SYS_clock_gettime -1
#endif
#ifndef SYS_clock_settime
#define SYS_clock_settime -1
#endif
#ifndef SYS_setresuid
#define SYS_setresuid -1
#endif
#ifndef SYS_setresgid
#define SYS_setresgid -1
#endif
#ifndef SYS_setgroups
#define SYS_setgroups -1
#endif
#ifndef SYS_umask
#define SYS_umask -1
#endif
#ifndef SYS_name_to_handle_at
#define SYS_name_to_handle_at -1
#endif
#ifndef SYS_open_by_handle_at
#define SYS_open_by_handle_at -1
#endif
#ifndef SYS_chdir
#define SYS_chdir -1
#endif
#ifndef SYS_copy_file_range
#define SYS_copy_file_range -1
#endif
#ifndef SYS_ioctl
#define SYS_ioctl -1
#endif
#ifndef SYS_mmap
#define SYS_mmap -1
#endif
#ifndef SYS_munmap
#define SYS_munmap -1
#endif
#ifndef SYS_msync
#define SYS_msync -1
#endif
#ifndef SYS_memfd_create
#define SYS_memfd_create -1
#endif
#ifndef SYS_flock
#define SYS_flock -1
#endif
#ifndef SYS_fcntl
#define SYS_fcntl -1
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_sendfile
#define SYS_sendfile -1
#endif
#ifndef SYS_fchdir
#define SYS_fchdir -1
#endif
#ifndef SYS_getcwd
#define SYS_getcwd -1
#endif
#ifndef SYS_fsopen
#define SYS_fsopen -1
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig -1
#endif
#ifndef SYS_fsmount
#define SYS_fsmount -1
#endif
#ifndef SYS_move_mount
#define SYS_move_mount -1
#endif
#ifndef SYS_fspick
#define SYS_fspick -1
#endif
#ifndef SYS_open_tree
#define SYS_open_tree -1
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_dup3
#define SYS_dup3 -1
#endif
#ifndef SYS_close
#define SYS_close -1
#endif
#ifndef SYS_preadv2
#define SYS_preadv2 -1
#endif
#ifndef SYS_pwritev2
#define SYS_pwritev2 -1
#endif
#ifndef SYS_fadvise64
#define SYS_fadvise64 -1
#endif
#ifndef SYS_readahead
#define SYS_readahead -1
#endif
#ifndef SYS_sync_file_range
#define SYS_sync_file_range -1
#endif
#ifndef SYS_inotify_init1
#define SYS_inotify_init1 -1
#endif
#ifndef SYS_inotify_add_watch
#define SYS_inotify_add_watch -1
#endif
#ifndef SYS_inotify_rm_watch
#define SYS_inotify_rm_watch -1
#endif
#ifndef SYS_execve
#define SYS_execve -1
#endif
#ifndef SYS_sync
#define SYS_sync -1
#endif
#ifndef SYS_delete_module
#define SYS_delete_module -1
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static const long ovl_calls[] = {
	[0] = SYS_openat,
	[1] = SYS_read,
	[2] = SYS_write,
	[3] = SYS_pread64,
	[4] = SYS_pwrite64,
	[5] = SYS_lseek,
	[6] = SYS_ftruncate,
	[7] = SYS_truncate,
	[8] = SYS_fallocate,
	[9] = SYS_mkdirat,
	[10] = SYS_mknodat,
	[11] = SYS_symlinkat,
	[12] = SYS_readlinkat,
	[13] = SYS_linkat,
	[14] = SYS_unlinkat,
	[15] = SYS_renameat2,
	[16] = SYS_fchmodat,
	[17] = SYS_fchmod,
	[18] = SYS_fchownat,
	[19] = SYS_fchown,
	[20] = SYS_utimensat,
	[21] = SYS_fsync,
	[22] = SYS_fdatasync,
	[23] = SYS_syncfs,
	[24] = SYS_getdents64,
	[25] = SYS_setxattr,
	[26] = SYS_lsetxattr,
	[27] = SYS_fsetxattr,
	[28] = SYS_getxattr,
	[29] = SYS_lgetxattr,
	[30] = SYS_fgetxattr,
	[31] = SYS_listxattr,
	[32] = SYS_llistxattr,
	[33] = SYS_removexattr,
	[34] = SYS_lremovexattr,
	[35] = SYS_fremovexattr,
	[36] = SYS_statfs,
	[37] = SYS_statx,
	[38] = SYS_faccessat2,
	[39] = SYS_mount,
	[40] = SYS_umount2,
	[41] = SYS_clock_gettime,
	[42] = SYS_clock_settime,
	[43] = SYS_setresuid,
	[44] = SYS_setresgid,
	[45] = SYS_setgroups,
	[46] = SYS_umask,
	[47] = SYS_name_to_handle_at,
	[48] = SYS_open_by_handle_at,
	[49] = SYS_chdir,
	[50] = SYS_copy_file_range,
	[51] = SYS_ioctl,
	[52] = SYS_mmap,
	[53] = SYS_munmap,
	[54] = SYS_msync,
	[55] = SYS_memfd_create,
	[56] = SYS_flock,
	[57] = SYS_fcntl,
	[58] = SYS_fchmodat2,
	[59] = SYS_sendfile,
	[60] = SYS_fchdir,
	[61] = SYS_getcwd,
	[62] = SYS_fsopen,
	[63] = SYS_fsconfig,
	[64] = SYS_fsmount,
	[65] = SYS_move_mount,
	[66] = SYS_fspick,
	[67] = SYS_open_tree,
	[68] = SYS_openat2,
	[69] = SYS_dup3,
	[70] = SYS_close,
	[71] = SYS_preadv2,
	[72] = SYS_pwritev2,
	[73] = SYS_fadvise64,
	[74] = SYS_readahead,
	[75] = SYS_sync_file_range,
	[76] = SYS_inotify_init1,
	[77] = SYS_inotify_add_watch,
	[78] = SYS_inotify_rm_watch,
	[79] = SYS_execve,
	[80] = SYS_sync,
	[81] = SYS_delete_module,
	[82] = SYS_mount_setattr,
};

#endif
