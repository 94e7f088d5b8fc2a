// SPDX-License-Identifier: MIT
/*
 * Calls in a child of ours that has a user namespace and a mount namespace of its own. All else is
 * shared, memory and open files too: what it opens there we have as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

#define STACK_BYTES (256 * 1024)
/* fsconfig(2) and fsmount(2) are newer than some headers. */
#define CONFIG_CREATE 6

struct mission {
	void (*run)(void);
	/* Its maps are not there before something can be read here. */
	int ready;
	int is_done;
};

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));

/* A proc that is mounted nowhere: no path of a scenario leads to it. */
static int proc_fd(void)
{
	static int fd = -1;
	int context;

	if (fd >= 0)
		return fd;
	context = syscall(SYS_fsopen, "proc", 0);
	if (context < 0)
		return -1;
	if (syscall(SYS_fsconfig, context, CONFIG_CREATE, NULL, NULL, 0) == 0)
		fd = syscall(SYS_fsmount, context, 0, 0);
	close(context);
	return fd;
}

/* A map is written at once or refused. */
static int write_map(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	fd = openat(proc_fd(), path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int live(void *mission)
{
	struct mission *ours = mission;
	char byte;

	if (read(ours->ready, &byte, 1) != 1 || byte != 'y')
		_exit(0);
	ours->run();
	ours->is_done = 1;
	_exit(0);
}

const char *check_apart(const struct ovl_apart *apart, size_t rest)
{
	const char *maps = (const char *)(apart + 1);

	if (apart->zero)
		return "maps with bits that must be zero";
	if (apart->bytes > rest || pad(apart->bytes) > rest)
		return "maps cut short";
	if (apart->bytes < 2 || maps[apart->bytes - 1] != 0 || strlen(maps) + 1 >= apart->bytes)
		return "maps without end";
	return NULL;
}

long run_apart(const struct ovl_apart *apart, void (*run)(void))
{
	const int flags = CLONE_VM | CLONE_FILES | CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD;
	const char *maps = (const char *)(apart + 1);
	struct mission mission = { .run = run };
	int pipe_fds[2], error;
	pid_t pid;

	if (proc_fd() < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	mission.ready = pipe_fds[0];
	pid = clone(live, stack + sizeof(stack), flags, &mission);
	error = pid < 0 ? -errno : 0;
	if (!error)
		error = write_map(pid, "uid_map", maps);
	if (!error)
		error = write_map(pid, "gid_map", maps + strlen(maps) + 1);
	if (pid > 0) {
		if (write(pipe_fds[1], error ? "n" : "y", 1) != 1)
			kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	if (!error && !mission.is_done)
		error = -ECANCELED;
	return error;
}
