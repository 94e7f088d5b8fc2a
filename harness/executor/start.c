// SPDX-License-Identifier: MIT
/* Where the executor finds itself: init of a machine of its own, or in namespaces of this one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"

#define CHANNEL_TRIES 20000
#define CHANNEL_WAIT_NS 1000000
#define MODULES "/modules"
#define MODULES_MAX 64

static int credit_fd = -1;

static void mount_over(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, MS_NOSUID | MS_NOEXEC, NULL) < 0 && errno != EBUSY)
		fprintf(stderr, "executor: mount %s: %s\n", where, strerror(errno));
}

/* Mounts a part of a file system of the kernel's over a directory or file that is there. */
static void show(const char *type, const char *part, const char *where)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
	char from[64];

	snprintf(from, sizeof(from), "/all/%s", part);
	if (mount(type, "/all", type, flags, NULL) < 0)
		die(type);
	/* What a kernel does not have is missing here, too. */
	if ((mount(from, where, NULL, MS_BIND, NULL) < 0 && errno != ENOENT) ||
	    umount2("/all", MNT_DETACH) < 0)
		die(where);
}

/*
 * Shows a few things of proc and sysfs, read-only. A symlink of a scenario leads where it likes,
 * and their other names are switches of the whole machine, and files outside the private root.
 */
static void show_kernel(void)
{
	static const char *const directories[] = {
		"/all", "/proc", "/proc/self", "/proc/sys",
		"/sys", "/sys/module", "/sys/module/overlay", "/sys/module/overlay/parameters",
		"/sys/kernel", "/sys/kernel/mm", "/sys/kernel/mm/transparent_hugepage",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directories); i++)
		if (mkdir(directories[i], 0755) < 0)
			die(directories[i]);
	if (mknod("/proc/self/mountinfo", S_IFREG | 0444, 0) < 0)
		die("mountinfo");
	show("proc", "sys", "/proc/sys");
	show("proc", "1/mountinfo", "/proc/self/mountinfo");
	show("sysfs", "module/overlay/parameters", "/sys/module/overlay/parameters");
	show("sysfs", "kernel/mm/transparent_hugepage", "/sys/kernel/mm/transparent_hugepage");
	if (rmdir("/all") < 0)
		die("/all");
}

/*
 * A chroot's root is no mount, so it can be neither made private nor pivoted. Who joins a mount
 * namespace begins at its real root, also when it is the one he is in.
 */
static void leave_chroot(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNS) < 0)
		die("real root");
	close(fd);
}

/* The rest of the world is out of reach: an empty tmpfs, and little of the kernel's own. */
static void pivot_into_tmpfs(void)
{
	/* /proc is on every machine, and it is covered in our own namespace alone. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("ovlcheck", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=755,size=256m") < 0 ||
	    chdir("/proc") < 0)
		die("private root");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    chdir("/") < 0 || mkdir("/b", 0755) < 0)
		die("pivot_root");
	show_kernel();
}

/*
 * Keeps what mounting, other users, device nodes and file handles need. Without the rest, root on a
 * kernel that is not ours cannot load code, reboot or set the clock, whatever a program asks for.
 */
static void drop_capabilities(void)
{
	static const int kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
				    CAP_FSETID, CAP_SETGID, CAP_SETUID, CAP_LINUX_IMMUTABLE,
				    CAP_SYS_ADMIN, CAP_SYS_RESOURCE, CAP_MKNOD, CAP_LEASE,
				    CAP_SETFCAP };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint32_t mask[2] = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		mask[CAP_TO_INDEX(kept[i])] |= CAP_TO_MASK(kept[i]);
	if (syscall(SYS_capget, &header, data) < 0)
		die("capget");
	for (i = 0; i < 2; i++) {
		data[i].permitted &= mask[i];
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) < 0)
		die("capset");
}

void enter_namespaces(void)
{
	int status;
	pid_t child;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		die("unshare");
	child = fork();
	if (child < 0)
		die("fork");
	if (child > 0) {
		/* The child alone holds the channel: its end is seen by the other side. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		if (waitpid(child, &status, 0) < 0)
			die("waitpid");
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die("prctl");
	leave_chroot();
	pivot_into_tmpfs();
	drop_capabilities();
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void insert_module(const char *name)
{
	char file[sizeof(MODULES) + 256];
	int fd;

	snprintf(file, sizeof(file), "%s/%s", MODULES, name);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
		fprintf(stderr, "executor: insmod %s: %s\n", name, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Files are named so that their order is the order of insertion. */
static void insert_modules(void)
{
	static char list[MODULES_MAX][256];
	DIR *dir = opendir(MODULES);
	struct dirent *entry;
	size_t count = 0, i;

	while (dir && count < MODULES_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(list[count++], sizeof(list[0]), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	qsort(list, count, sizeof(list[0]), compare_texts);
	for (i = 0; i < count; i++)
		insert_module(list[i]);
}

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int open_channel(const char *name)
{
	const struct timespec wait = { .tv_nsec = CHANNEL_WAIT_NS };
	struct termios raw;
	int fd = -1, tries;

	/* Devices are probed behind our back, and nothing tells when a node is complete. */
	for (tries = 0; fd < 0 && tries < CHANNEL_TRIES; tries++) {
		fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			nanosleep(&wait, NULL);
	}
	if (fd < 0)
		die(name);
	if (tcgetattr(fd, &raw) == 0) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

/*
 * A serial line of UML stops listening for good once a page of its input has not been read: each
 * byte on a line of its own tells the host that it may send some more.
 */
void grant_credit(size_t bytes)
{
	static size_t read_so_far;

	if (credit_fd < 0)
		return;
	read_so_far += bytes;
	for (; read_so_far >= LIMIT_CREDIT_BYTES; read_so_far -= LIMIT_CREDIT_BYTES)
		if (write(credit_fd, "", 1) != 1)
			die("credit");
}

int set_up_machine(void)
{
	const char *channel = getenv("OVL_CHANNEL"), *credit = getenv("OVL_CREDIT");

	mount_over("devtmpfs", "/dev");
	mount_over("proc", "/proc");
	mount_over("sysfs", "/sys");
	mkdir("/b", 0755);
	insert_modules();
	answer_upcalls();
	if (!channel) {
		errno = ENODEV;
		die("OVL_CHANNEL");
	}
	if (credit)
		credit_fd = open_channel(credit);
	return open_channel(channel);
}
