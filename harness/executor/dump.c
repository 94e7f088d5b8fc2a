// SPDX-License-Identifier: MIT
/* Dumps a directory tree and sends what changed since it was last dumped. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "executor.h"

#define NAMES_MAX 4096
#define NAME_TEXT_BYTES (NAMES_MAX * 64)

struct name {
	uint64_t ino;
	const char *text;
	uint8_t type;
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
static struct name names[NAMES_MAX];
static char name_text[NAME_TEXT_BYTES];
static size_t names_used, name_text_used;
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

/* The content without its blocks of zeros. */
static int append_extents(struct tree *tree, struct ovl_record *record, size_t bytes)
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
			struct ovl_extent extent = { .offset = start, .bytes = at - start };

			if (!append(tree, &extent, sizeof(extent)) ||
			    !append(tree, content + start, at - start))
				return -E2BIG;
			record->extents++;
			inside = 0;
		}
	}
	return 0;
}

/* The list and the values of an open file's xattrs, or of a name's below the current directory. */
static int append_xattrs(struct tree *tree, struct ovl_record *record, int fd, const char *name)
{
	ssize_t listed, at;

	listed = fd >= 0 ? flistxattr(fd, xattr_names, sizeof(xattr_names)) :
			   llistxattr(name, xattr_names, sizeof(xattr_names));
	if (listed < 0 && errno != EOPNOTSUPP)
		record->error = errno;
	for (at = 0; at < listed; at += strlen(xattr_names + at) + 1) {
		const char *key = xattr_names + at;
		ssize_t got = fd >= 0 ? fgetxattr(fd, key, xattr_value, sizeof(xattr_value)) :
					lgetxattr(name, key, xattr_value, sizeof(xattr_value));
		struct ovl_xattr xattr = {
			.name_bytes = strlen(key),
			.value_bytes = got < 0 ? -errno : got,
		};

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
	record->atime_sec = st->stx_atime.tv_sec;
	record->mtime_sec = st->stx_mtime.tv_sec;
	record->ctime_sec = st->stx_ctime.tv_sec;
	record->atime_nsec = st->stx_atime.tv_nsec;
	record->mtime_nsec = st->stx_mtime.tv_nsec;
	record->ctime_nsec = st->stx_ctime.tv_nsec;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Pushes the names of a directory on the stack of names, sorted; `.` and `..` go to its record. */
static int list_names(int fd, struct ovl_record *record)
{
	static char buffer[32768] __attribute__((aligned(8)));
	size_t first = names_used;
	long got, at;

	while ((got = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < got;) {
			struct dirent64 *entry = (void *)(buffer + at);
			size_t bytes = strlen(entry->d_name) + 1;

			at += entry->d_reclen;
			if (!strcmp(entry->d_name, ".")) {
				record->dot_ino = entry->d_ino;
				continue;
			}
			if (!strcmp(entry->d_name, "..")) {
				record->dotdot_ino = entry->d_ino;
				continue;
			}
			if (names_used == NAMES_MAX ||
			    bytes > sizeof(name_text) - name_text_used)
				return -E2BIG;
			memcpy(name_text + name_text_used, entry->d_name, bytes);
			names[names_used++] = (struct name){
				.ino = entry->d_ino,
				.type = entry->d_type,
				.text = name_text + name_text_used,
			};
			name_text_used += bytes;
		}
	}
	if (got < 0)
		record->error = errno;
	qsort(names + first, names_used - first, sizeof(*names), compare_names);
	return 0;
}

/* Opens what can be opened without a side effect: regular files and directories. */
static int open_node(int dir, const char *name, const struct statx *st)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NOATIME | O_NONBLOCK | O_CLOEXEC;

	if (S_ISDIR(st->stx_mode))
		flags |= O_DIRECTORY;
	else if (!S_ISREG(st->stx_mode))
		return -1;
	return openat(dir, name, flags);
}

static int append_data(struct tree *tree, struct ovl_record *record, int dir, int fd,
		       const char *name, const struct statx *st)
{
	ssize_t got;

	if (S_ISLNK(st->stx_mode)) {
		got = readlinkat(dir, name, (char *)content, sizeof(content));
		if (got < 0)
			record->error = errno;
		record->target_bytes = got < 0 ? 0 : got;
		if (!append(tree, content, record->target_bytes))
			return -E2BIG;
	}
	if (fd < 0 && fchdir(dir) < 0)
		record->error = errno;
	if (append_xattrs(tree, record, fd, name) < 0)
		return -E2BIG;
	if (fd >= 0 && S_ISREG(st->stx_mode) && st->stx_size > 0) {
		got = read(fd, content, sizeof(content));
		if (got < 0)
			record->error = errno;
		return got > 0 ? append_extents(tree, record, got) : 0;
	}
	return 0;
}

/*
 * One object and, for a directory, all below it. `path_bytes` of the global path are its own path.
 * The order is part of the contract, since an overlay notices being looked at: statx of the object,
 * then its listing to the end, its target, xattrs and content, then its children by name.
 */
static int dump_node(struct tree *tree, int dir, const struct name *name, size_t path_bytes,
		     int depth)
{
	size_t first = names_used, text = name_text_used, start = tree->now_bytes, i, last;
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
	if (statx(dir, at, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) < 0) {
		record->kind = RECORD_UNREADABLE;
		record->error = errno;
		record->bytes = tree->now_bytes - start;
		return 0;
	}
	fill_record(record, &st);
	fd = open_node(dir, at, &st);
	if (fd < 0 && (S_ISDIR(st.stx_mode) || S_ISREG(st.stx_mode)))
		record->error = errno;
	ret = fd >= 0 && S_ISDIR(st.stx_mode) ? list_names(fd, record) : 0;
	if (ret == 0)
		ret = append_data(tree, record, dir, fd, at, &st);
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
	if (fd >= 0)
		close(fd);
	names_used = first;
	name_text_used = text;
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
		return -E2BIG;
	memcpy(to, record, bytes);
	to->kind = kind;
	to->bytes = bytes;
	return 0;
}

/* Merges the new dump with the last one and sends what differs. Returns the number of records. */
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
		if (order <= 0 ? send_record(a, a->kind) : send_record(b, RECORD_GONE))
			return -E2BIG;
		sent++;
	}
	return sent;
}

/* Dumps a tree and adds what changed to the results; -1 when they have no room for it. */
int run_dump(const struct ovl_dump *dump)
{
	struct tree *tree = &trees[dump->tree];
	struct ovl_changes *changes = reserve(sizeof(*changes));
	const struct name root = { .text = (const char *)(dump + 1) };
	uint8_t *spare = tree->before;
	size_t kept;
	int ret;

	if (!changes)
		return -1;
	*changes = (struct ovl_changes){ .op = INSTRUCTION_DUMP, .tree = dump->tree };
	tree->before = tree->now;
	tree->before_bytes = tree->now_bytes;
	tree->now = spare;
	tree->now_bytes = 0;
	names_used = name_text_used = 0;
	kept = results_bytes();
	ret = dump_node(tree, AT_FDCWD, &root, 0, 0);
	if (chdir("/") < 0)
		ret = -errno;
	if (ret == 0)
		ret = send_changes(tree);
	if (ret < 0) {
		cut_results(kept);
		changes->error = ret;
		return 0;
	}
	changes->records = ret;
	return 0;
}
