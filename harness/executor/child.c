// SPDX-License-Identifier: MIT
/*
 * A call in a child of ours. If it lets the child run another program, that stops before its first
 * instruction and stays so until its slot is closed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

static pid_t child;
static int child_slot = -1;

void end_child(int slot)
{
	if (child <= 0 || slot != child_slot)
		return;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	child = 0;
}

long call_in_child(long number, const long v[LIMIT_ARGUMENTS], int slot)
{
	int status;

	end_child(child_slot);
	child_slot = slot;
	child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ||
		    syscall(number, v[0], v[1], v[2], v[3], v[4], v[5]) < 0)
			_exit(errno);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSTOPPED(status))
		return 0;
	child = 0;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
