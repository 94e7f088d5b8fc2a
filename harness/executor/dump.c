// SPDX-License-Identifier: MIT
/* Dumps a directory tree and sends what changed since it was last dumped. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "executor.h"

/* The kernel allocates, and clears, as much as a call offers it: most xattrs need little. */
#define XATTR_FIRST_BYTES 512
/* A listing that failed so often is not going on. */
#define MAX_FAILED_LISTINGS 64
/* Of a file with holes, what is read: copy-up fills those that are in a chunk. */
#define SPARSE_READ_MAX (64 << 20)

struct name {
	uint64_t ino;
	const char *text;
	uint8_t type;
	uint8_t is_twice;
};

/* The last two dumps of a tree: records in the order of the walk, each with its path. */
struct tree {
	uint8_t *now;
	uint8_t *before;
	size_t now_bytes;
	size_t before_bytes;
};

static uint8_t halves[2 * LIMIT_TREES][LIMIT_TREE_BYTES] __attribute__((aligned(8)));
static struct tree trees[LIMIT_TREES];
/* Of every node once: how many there are is what limits a tree. */
static struct name names[LIMIT_TREE_NODES];
static char name_text[LIMIT_TREE_NODES * 64];
static size_t names_used, name_text_used;
/* The open directory that is the working directory, or -1: mere names are looked up there. */
static int working_dir;
static uint8_t content[LIMIT_FILE_BYTES];
static char xattr_names[LIMIT_XATTR_BYTES], xattr_value[LIMIT_XATTR_BYTES];
static char path[PATH_MAX];

void forget_dumps(void)
{
	size_t i;

	for (i = 0; i < LIMIT_TREES; i++) {
		trees[i].now = halves[2 * i];
		trees[i].before = halves[2 * i + 1];
		trees[i].now_bytes = trees[i].before_bytes = 0;
	}
}

static void *append(struct tree *tree, const void *data, size_t bytes)
{
	uint8_t *at = tree->now + tree->now_bytes;

	if (pad(bytes) > LIMIT_TREE_BYTES - tree->now_bytes)
		return NULL;
	if (data)
		memcpy(at, data, bytes);
	memset(at + bytes, 0, pad(bytes) - bytes);
	tree->now_bytes += pad(bytes);
	return at;
}

static int is_zero(size_t at, size_t bytes)
{
	static const uint8_t zeros[EXTENT_BLOCK_BYTES];

	return !memcmp(content + at, zeros, bytes);
}

/* The content, which stands at `from` in its file, without its blocks of zeros. */
static int append_extents(struct tree *tree, struct ovl_record *record, uint64_t from, size_t bytes)
{
	size_t start = 0, at, block;
	int inside = 0;

	for (at = 0; at < bytes || inside; at += block) {
		block = bytes - at < EXTENT_BLOCK_BYTES ? bytes - at : EXTENT_BLOCK_BYTES;
		if (block > 0 && !is_zero(at, block)) {
			if (!inside)
				start = at;
			inside = 1;
			continue;
		}
		if (inside) {
			struct ovl_extent extent = { .offset = from + start,
						     .bytes = at - start };

			if (!append(tree, &extent, sizeof(extent)) ||
			    !append(tree, content + start, at - start))
				return -E2BIG;
			record->extents++;
			inside = 0;
		}
	}
	return 0;
}

/* Only the first error of a node is told. */
static void note_error(struct ovl_record *record)
{
	if (record->error == 0)
		record->error = errno;
}

static ssize_t list_xattrs(int fd, const char *name, size_t bytes)
{
	return fd >= 0 ? flistxattr(fd, xattr_names, bytes) : llistxattr(name, xattr_names, bytes);
}

static ssize_t get_xattr(int fd, const char *name, const char *key, size_t bytes)
{
	return fd >= 0 ? fgetxattr(fd, key, xattr_value, bytes) :
			 lgetxattr(name, key, xattr_value, bytes);
}

/* The list and the values of an open file's xattrs, or of a name's below the current directory. */
static int append_xattrs(struct tree *tree, struct ovl_record *record, int fd, const char *name)
{
	ssize_t listed = list_xattrs(fd, name, XATTR_FIRST_BYTES), at;

	if (listed < 0 && errno == ERANGE)
		listed = list_xattrs(fd, name, sizeof(xattr_names));
	if (listed < 0 && errno != EOPNOTSUPP)
		note_error(record);
	for (at = 0; at < listed; at += strlen(xattr_names + at) + 1) {
		const char *key = xattr_names + at;
		ssize_t got = get_xattr(fd, name, key, XATTR_FIRST_BYTES);
		struct ovl_xattr xattr = { .name_bytes = strlen(key) };

		if (got < 0 && errno == ERANGE)
			got = get_xattr(fd, name, key, sizeof(xattr_value));
		xattr.value_bytes = got < 0 ? -errno : got;

		if (!append(tree, &xattr, sizeof(xattr)) ||
		    !append(tree, key, strlen(key)) ||
		    !append(tree, xattr_value, got < 0 ? 0 : got))
			return -E2BIG;
		record->xattrs++;
	}
	return 0;
}

static void fill_record(struct ovl_record *record, const struct statx *st)
{
	record->kind = RECORD_NODE;
	record->mode = st->stx_mode;
	record->nlink = st->stx_nlink;
	record->uid = st->stx_uid;
	record->gid = st->stx_gid;
	record->ino = st->stx_ino;
	record->size = st->stx_size;
	record->blocks = st->stx_blocks;
	record->dev_major = st->stx_dev_major;
	record->dev_minor = st->stx_dev_minor;
	record->rdev_major = st->stx_rdev_major;
	record->rdev_minor = st->stx_rdev_minor;
	record->flags = st->stx_attributes & SHOWN_FLAGS;
	record->atime_sec = st->stx_atime.tv_sec;
	record->mtime_sec = st->stx_mtime.tv_sec;
	record->ctime_sec = st->stx_ctime.tv_sec;
	record->atime_nsec = st->stx_atime.tv_nsec;
	record->mtime_nsec = st->stx_mtime.tv_nsec;
	record->ctime_nsec = st->stx_ctime.tv_nsec;
}

/* Adds a name where it belongs among those of its directory, which begin at `first`. */
static int push_name(const struct dirent64 *entry, size_t first)
{
	struct name name = { .ino = entry->d_ino, .type = entry->d_type };
	size_t bytes = strlen(entry->d_name) + 1, at;

	if (names_used == LIMIT_TREE_NODES || bytes > sizeof(name_text) - name_text_used)
		return -E2BIG;
	name.text = memcpy(name_text + name_text_used, entry->d_name, bytes);
	name_text_used += bytes;
	/* Directories are small, and what is nearly sorted stays cheap. */
	for (at = names_used; at > first; at--) {
		int order = strcmp(names[at - 1].text, name.text);

		if (order < 0)
			break;
		if (order == 0) {
			names[at - 1].is_twice = 1;
			return 0;
		}
	}
	memmove(names + at + 1, names + at, (names_used - at) * sizeof(name));
	names[at] = name;
	names_used++;
	return 0;
}

/*
 * Lists a directory to its end; `.` and `..` go to its record. A name that cannot be looked up may
 * fail the call that comes to it, and the next call goes on behind it.
 */
static int list_names(int fd, struct ovl_record *record)
{
	static char buffer[32768] __attribute__((aligned(8)));
	size_t first = names_used;
	int failed = 0;
	long got, at;

	for (;;) {
		got = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
		if (got == 0)
			break;
		if (got < 0) {
			note_error(record);
			if (++failed == MAX_FAILED_LISTINGS)
				break;
		}
		for (at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(buffer + at);

			at += entry->d_reclen;
			if (!strcmp(entry->d_name, "."))
				record->dot_ino = entry->d_ino;
			else if (!strcmp(entry->d_name, ".."))
				record->dotdot_ino = entry->d_ino;
			else if (push_name(entry, first) < 0)
				return -E2BIG;
		}
	}
	return 0;
}

/* Opens what can be opened without a side effect: regular files and directories. */
static int open_node(int dir, const char *name, mode_t mode)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NOATIME | O_NONBLOCK | O_CLOEXEC;

	if (S_ISDIR(mode))
		flags |= O_DIRECTORY;
	else if (!S_ISREG(mode))
		return -1;
	return openat(dir, name, flags);
}

/* An open file is not looked up once more. */
static int stat_node(int dir, const char *name, int fd, struct statx *st)
{
	if (fd >= 0)
		return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, st);
	return statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, st);
}

/* What is not a hole of a file larger than that at a time, up to a limit of its own. */
static int append_sparse(struct tree *tree, struct ovl_record *record, int fd)
{
	size_t left = SPARSE_READ_MAX;
	off_t at = lseek(fd, 0, SEEK_DATA);

	while (at >= 0 && left > 0) {
		off_t end = lseek(fd, at, SEEK_HOLE);
		size_t bytes = end < at ? 0 : end - at;
		size_t most = left < sizeof(content) ? left : sizeof(content);
		ssize_t got = pread(fd, content, bytes < most ? bytes : most, at);

		if (got <= 0) {
			note_error(record);
			return 0;
		}
		if (append_extents(tree, record, at, got) < 0)
			return -E2BIG;
		left -= got;
		at = lseek(fd, at + got, SEEK_DATA);
	}
	if (at >= 0)
		errno = EFBIG;
	if (at >= 0 || errno != ENXIO)
		note_error(record);
	return 0;
}

/* Content up to a limit that a record tells as EFBIG. */
static int append_content(struct tree *tree, struct ovl_record *record, int fd)
{
	size_t bytes = 0;
	ssize_t got;

	if (record->size > sizeof(content))
		return append_sparse(tree, record, fd);
	/* Reaching the size is the end: that saves the read that would say so. */
	do {
		got = read(fd, content + bytes, sizeof(content) - bytes);
		if (got < 0)
			note_error(record);
		else
			bytes += got;
	} while (got > 0 && bytes < sizeof(content) && bytes < record->size);
	if (got >= 0 && bytes == sizeof(content) && bytes < record->size) {
		errno = EFBIG;
		note_error(record);
	}
	return append_extents(tree, record, 0, bytes);
}

static int append_target(struct tree *tree, struct ovl_record *record, int dir, const char *name)
{
	ssize_t got = readlinkat(dir, name, (char *)content, sizeof(content));

	if (got < 0)
		note_error(record);
	record->target_bytes = got < 0 ? 0 : got;
	return append(tree, content, record->target_bytes) ? 0 : -E2BIG;
}

static int append_data(struct tree *tree, struct ovl_record *record, int dir, int fd,
		       const char *name)
{
	if (S_ISLNK(record->mode) && append_target(tree, record, dir, name) < 0)
		return -E2BIG;
	if (fd < 0 && dir != working_dir) {
		/* The name may be another object's where we are. */
		if (dir != AT_FDCWD && fchdir(dir) < 0) {
			note_error(record);
			return 0;
		}
		working_dir = dir;
	}
	if (append_xattrs(tree, record, fd, name) < 0)
		return -E2BIG;
	/* An empty file is opened all the same: whether that works is worth knowing. */
	if (fd >= 0 && S_ISREG(record->mode) && record->size > 0)
		return append_content(tree, record, fd);
	return 0;
}

/*
 * One object and, for a directory, all below it. `path_bytes` of the global path are its own path.
 * The order is part of the contract, since an overlay notices being looked at: open of what was
 * listed as a directory; statx of the object; open of a regular file or directory that is not open
 * yet; a directory's listing to the end; a symlink's target; the xattrs in the order of their
 * list; a file's content; then a directory's children by name, each with all that is below it; then
 * close.
 */
static int dump_node(struct tree *tree, int dir, const struct name *name, size_t path_bytes,
		     int depth)
{
	size_t first = names_used, start = tree->now_bytes, i, last;
	const char *at = name->text;
	struct ovl_record *record;
	struct statx st;
	int fd = -1, ret;

	record = append(tree, NULL, sizeof(*record));
	if (!record || depth > LIMIT_TREE_DEPTH)
		return -E2BIG;
	memset(record, 0, sizeof(*record));
	record->d_ino = name->ino;
	record->d_type = name->type;
	record->path_bytes = path_bytes;
	if (!append(tree, path, path_bytes))
		return -E2BIG;
	if (name->type == DT_DIR)
		fd = open_node(dir, at, S_IFDIR);
	if (stat_node(dir, at, fd, &st) < 0) {
		record->kind = RECORD_UNREADABLE;
		record->error = name->is_twice ? EEXIST : errno;
		record->bytes = tree->now_bytes - start;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	fill_record(record, &st);
	/* A listing must not return a name twice, and nothing else would tell that it did. */
	record->error = name->is_twice ? EEXIST : 0;
	if (fd < 0)
		fd = open_node(dir, at, st.stx_mode);
	if (fd < 0 && (S_ISDIR(st.stx_mode) || S_ISREG(st.stx_mode)))
		note_error(record);
	ret = fd >= 0 && S_ISDIR(st.stx_mode) ? list_names(fd, record) : 0;
	if (ret == 0)
		ret = append_data(tree, record, dir, fd, at);
	record->bytes = tree->now_bytes - start;
	last = names_used;
	for (i = first; ret == 0 && fd >= 0 && i < last; i++) {
		size_t length = strlen(names[i].text), slash = path_bytes > 0;

		if (path_bytes + slash + length >= sizeof(path)) {
			ret = -E2BIG;
			break;
		}
		if (slash)
			path[path_bytes] = '/';
		memcpy(path + path_bytes + slash, names[i].text, length);
		ret = dump_node(tree, fd, &names[i], path_bytes + slash + length, depth + 1);
	}
	if (fd >= 0) {
		close(fd);
		/* The next directory may get the number of this one. */
		if (working_dir == fd)
			working_dir = -1;
	}
	return ret;
}

static const char *path_of(const struct ovl_record *record)
{
	return (const char *)(record + 1);
}

/* The order of the walk: like strings, but a directory comes right before what is in it. */
static int compare_paths(const struct ovl_record *a, const struct ovl_record *b)
{
	size_t i, common = a->path_bytes < b->path_bytes ? a->path_bytes : b->path_bytes;

	for (i = 0; i < common; i++) {
		int x = (uint8_t)path_of(a)[i], y = (uint8_t)path_of(b)[i];

		if (x != y)
			return (x == '/' ? 0 : x) - (y == '/' ? 0 : y);
	}
	return (int)a->path_bytes - (int)b->path_bytes;
}

static int send_record(const struct ovl_record *record, uint8_t kind)
{
	size_t bytes = kind == RECORD_GONE ? sizeof(*record) + pad(record->path_bytes) :
					     record->bytes;
	struct ovl_record *to = reserve(bytes);

	if (!to)
		return -1;
	memcpy(to, record, bytes);
	to->kind = kind;
	to->bytes = bytes;
	return 0;
}

/* Merges the new dump with the last one and sends what differs: that many records, or -1. */
static int send_changes(const struct tree *tree)
{
	size_t now = 0, before = 0;
	int sent = 0;

	while (now < tree->now_bytes || before < tree->before_bytes) {
		const struct ovl_record *a = (const void *)(tree->now + now);
		const struct ovl_record *b = (const void *)(tree->before + before);
		int order = now >= tree->now_bytes	 ? 1 :
			    before >= tree->before_bytes ? -1 :
							   compare_paths(a, b);
		int same = order == 0 && a->bytes == b->bytes && !memcmp(a, b, a->bytes);

		if (order <= 0)
			now += a->bytes;
		if (order >= 0)
			before += b->bytes;
		if (same)
			continue;
		if ((order <= 0 ? send_record(a, a->kind) : send_record(b, RECORD_GONE)) < 0)
			return -1;
		sent++;
	}
	return sent;
}

int run_dump(const struct ovl_dump *dump, int is_allowed)
{
	struct tree *tree = &trees[dump->tree], last = *tree;
	struct ovl_changes *changes = reserve(sizeof(*changes));
	const struct name root = { .text = (const char *)(dump + 1) };
	int ret;

	if (!changes)
		return -1;
	*changes = (struct ovl_changes){ .op = INSTRUCTION_DUMP, .tree = dump->tree };
	if (!is_allowed) {
		changes->error = -EPERM;
		return 0;
	}
	*tree = (struct tree){
		.now = last.before, .before = last.now, .before_bytes = last.now_bytes
	};
	names_used = name_text_used = 0;
	working_dir = AT_FDCWD;
	ret = dump_node(tree, AT_FDCWD, &root, 0, 0);
	/* A working directory would keep the tree busy. */
	if (chdir("/") < 0)
		ret = -errno;
	if (ret < 0) {
		/* What was not sent is not what the next dump is compared with. */
		*tree = last;
		changes->error = ret;
		return 0;
	}
	ret = send_changes(tree);
	changes->records = ret;
	return ret < 0 ? -1 : 0;
}
