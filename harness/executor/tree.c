// SPDX-License-Identifier: MIT
/*
 * Copies, gives away or removes a tree of files, as tools do while nobody looks. What fails is left
 * as it is and the rest goes on; the first failure is told.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "executor.h"

#define PATH_BYTES 4096

/* A file with several names, and the name that its copy has. */
struct linked {
	dev_t dev;
	ino_t ino;
	char path[PATH_BYTES];
};

static char from[PATH_BYTES], to[PATH_BYTES];
static struct linked linked[LIMIT_TREE_LINKS];
static size_t linked_used;
static char content[65536], xattr_names[LIMIT_XATTR_BYTES], xattr_value[LIMIT_XATTR_BYTES];
static const struct ovl_tree *how;
/* The top of what is made, which may be inside of what is copied. */
static struct stat made;
static int first_error;

static int note(long ret)
{
	if (ret < 0 && !first_error)
		first_error = errno;
	return ret < 0 ? -1 : 0;
}

static void copy_xattrs(void)
{
	ssize_t bytes = llistxattr(from, xattr_names, sizeof(xattr_names));
	char *name;

	if (note(bytes) < 0)
		return;
	for (name = xattr_names; name < xattr_names + bytes; name += strlen(name) + 1) {
		ssize_t got = lgetxattr(from, name, xattr_value, sizeof(xattr_value));

		/* What cannot be read is not worth keeping. */
		if (got >= 0)
			note(lsetxattr(to, name, xattr_value, got, 0));
	}
}

/* Holes stay holes. */
static int copy_data(int in, int out, off_t size)
{
	off_t at = 0, end;

	while (at < size) {
		at = lseek(in, at, SEEK_DATA);
		if (at < 0 && errno == ENXIO)
			break;
		end = at < 0 ? -1 : lseek(in, at, SEEK_HOLE);
		if (end < 0)
			return -1;
		while (at < end) {
			size_t bytes = end - at;
			ssize_t got;

			if (bytes > sizeof(content))
				bytes = sizeof(content);
			got = pread(in, content, bytes, at);
			if (got <= 0 || pwrite(out, content, got, at) != got)
				return -1;
			at += got;
		}
	}
	return ftruncate(out, size);
}

static int copy_file(const struct stat *st)
{
	int in, out, ret;

	in = open(from, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	if (in < 0)
		return -1;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ret = out < 0 ? -1 : copy_data(in, out, st->st_size);
	close(in);
	if (out >= 0)
		close(out);
	return ret;
}

static int copy_symlink(void)
{
	ssize_t bytes = readlink(from, content, sizeof(content) - 1);

	if (bytes < 0)
		return -1;
	content[bytes] = 0;
	return symlink(content, to);
}

/* The copy of another name of the same file, or NULL for a file that is met for the first time. */
static const char *copy_of(const struct stat *st)
{
	size_t i;

	if (S_ISDIR(st->st_mode) || st->st_nlink == 1 || !(how->flags & TREE_FLAG_LINKS))
		return NULL;
	for (i = 0; i < linked_used; i++)
		if (linked[i].dev == st->st_dev && linked[i].ino == st->st_ino)
			return linked[i].path;
	if (linked_used == LIMIT_TREE_LINKS)
		return NULL;
	linked[linked_used].dev = st->st_dev;
	linked[linked_used].ino = st->st_ino;
	strcpy(linked[linked_used++].path, to);
	return NULL;
}

static int make_copy(const struct stat *st, int depth)
{
	int ret;

	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		ret = mkdir(to, 0700);
		return ret < 0 || depth > 0 ? ret : lstat(to, &made);
	case S_IFREG:
		return copy_file(st);
	case S_IFLNK:
		return copy_symlink();
	}
	return mknod(to, (st->st_mode & S_IFMT) | 0600, st->st_rdev);
}

static void visit(int depth);

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static void extend(char *path, const char *name)
{
	size_t bytes = strlen(path);

	snprintf(path + bytes, PATH_BYTES - bytes, "/%s", name);
}

/* The last name that is listed first: tmpfs lists what is new first, and so does a copy then. */
static void visit_names(int depth)
{
	size_t from_bytes = strlen(from), to_bytes = strlen(to);
	struct dirent **entries;
	int i, count = scandir(from, &entries, is_name, NULL);

	if (note(count) < 0)
		return;
	for (i = count - 1; i >= 0; i--) {
		extend(from, entries[i]->d_name);
		extend(to, entries[i]->d_name);
		visit(depth + 1);
		from[from_bytes] = 0;
		to[to_bytes] = 0;
		free(entries[i]);
	}
	free(entries);
}

/* A directory gets what it is to be once all is in it. */
static void copy(const struct stat *st, int depth)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };
	const char *other = copy_of(st);

	if (st->st_dev == made.st_dev && st->st_ino == made.st_ino)
		return;
	if (other) {
		note(link(other, to));
		return;
	}
	if (note(make_copy(st, depth)) < 0)
		return;
	if (S_ISDIR(st->st_mode))
		visit_names(depth);
	note(lchown(to, st->st_uid, st->st_gid));
	if (!S_ISLNK(st->st_mode))
		note(chmod(to, st->st_mode & 07777));
	if (how->flags & TREE_FLAG_XATTRS)
		copy_xattrs();
	note(utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW));
}

static void visit(int depth)
{
	struct stat st;

	if (depth > LIMIT_TREE_DEPTH) {
		errno = ELOOP;
		note(-1);
		return;
	}
	if (note(lstat(from, &st)) < 0)
		return;
	if (how->action == TREE_COPY) {
		copy(&st, depth);
		return;
	}
	if (S_ISDIR(st.st_mode))
		visit_names(depth);
	if (how->action == TREE_CHOWN)
		note(lchown(from, how->uid, how->gid));
	else
		note(S_ISDIR(st.st_mode) ? rmdir(from) : unlink(from));
}

const char *check_tree(const struct ovl_tree *tree, size_t rest)
{
	const char *paths = (const char *)(tree + 1);

	if (tree->zero)
		return "tree with bits that must be zero";
	if (tree->action < TREE_COPY || tree->action > TREE_REMOVE)
		return "no such action on a tree";
	if (tree->bytes > rest || pad(tree->bytes) > rest || tree->bytes > PATH_BYTES)
		return "path cut short";
	if (tree->bytes < 2 || paths[tree->bytes - 1] != 0 ||
	    strlen(paths) + 1 >= tree->bytes)
		return "path without end";
	return NULL;
}

long run_tree(const struct ovl_tree *tree)
{
	const char *paths = (const char *)(tree + 1);

	how = tree;
	linked_used = 0;
	first_error = 0;
	memset(&made, 0, sizeof(made));
	strcpy(from, paths);
	strcpy(to, paths + strlen(paths) + 1);
	visit(0);
	return -first_error;
}
