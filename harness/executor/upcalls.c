// SPDX-License-Identifier: MIT
/*
 * The kernel's NFS server asks user space two things before it serves: whether its ports may be
 * registered (rpcbind, RFC 1833), and which clients there were before it was started (nfsdcld).
 * Here a child says yes to the first and none to the second, so that there is no grace period.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "executor.h"

#define PIPES "/pipes"
#define CLIENTS_PIPE PIPES "/nfsd/cld"
#define RPCBIND_PORT 111
#define MESSAGE_BYTES 4096

/* Where the child listens, and from where on it has connections to rpcbind. */
enum { PORT, PIPE_MADE, CLIENTS, CONNECTIONS, POLLED = 16 };

static struct pollfd polled[POLLED];

/* struct cld_msg: version, command, status, xid, and what the command is about. */
#define CLD_STATUS_AT 2
#define CLD_ABOUT_AT 8
#define CLD_COMMAND_AT 1
#define CLD_GET_VERSION 5
#define CLD_VERSION 2

/* Answers with the question and a status of success: all went well, and there were no clients. */
static void answer_clients(int fd)
{
	char message[MESSAGE_BYTES];
	ssize_t bytes = read(fd, message, sizeof(message));

	if (bytes <= CLD_ABOUT_AT)
		return;
	memset(message + CLD_STATUS_AT, 0, 2);
	if (message[CLD_COMMAND_AT] == CLD_GET_VERSION)
		message[CLD_ABOUT_AT] = CLD_VERSION;
	if (write(fd, message, bytes) != bytes)
		return;
}

/* The pipe is there for as long as the server runs, and each server makes a new one. */
static void open_clients(void)
{
	if (polled[CLIENTS].fd >= 0)
		close(polled[CLIENTS].fd);
	polled[CLIENTS].fd = open(CLIENTS_PIPE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* Words of a call of RFC 5531: length, xid, call, version, program, its version, procedure. */
enum { LENGTH, XID, PROCEDURE = 6, CALL_WORDS };
/* And of an accepted reply: length, xid, reply, accepted, no verifier, success, what it returns. */
enum { REPLY = 2, VALUE = 7, REPLY_WORDS };
#define LAST_FRAGMENT 0x80000000u

/*
 * Answers one call: who sends several at once has those after it answered in turn. Returns -1 when
 * nobody is there any more. Whatever is asked for, the answer is true.
 */
static int answer_rpcbind(int fd)
{
	uint32_t call[MESSAGE_BYTES / 4], reply[REPLY_WORDS] = { 0 };
	size_t bytes;

	if (recv(fd, call, sizeof(*call), MSG_WAITALL) != sizeof(*call))
		return -1;
	bytes = ntohl(call[LENGTH]) & ~LAST_FRAGMENT;
	if (bytes < (CALL_WORDS - 1) * sizeof(*call) || bytes > sizeof(call) - sizeof(*call) ||
	    recv(fd, call + XID, bytes, MSG_WAITALL) != (ssize_t)bytes)
		return -1;
	bytes = call[PROCEDURE] ? sizeof(reply) : VALUE * sizeof(*reply);
	reply[LENGTH] = htonl(LAST_FRAGMENT | (bytes - sizeof(*reply)));
	reply[XID] = call[XID];
	reply[REPLY] = htonl(1);
	reply[VALUE] = htonl(1);
	return write(fd, reply, bytes) == (ssize_t)bytes ? 0 : -1;
}

static int listen_for_rpcbind(void)
{
	const struct sockaddr_in here = { .sin_family = AF_INET,
					  .sin_port = htons(RPCBIND_PORT),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&here, sizeof(here)) < 0 ||
	    listen(fd, POLLED) < 0)
		die("rpcbind");
	return fd;
}

static int watch_pipes(void)
{
	int fd = inotify_init1(IN_CLOEXEC);

	if (fd < 0 || inotify_add_watch(fd, PIPES "/nfsd", IN_CREATE) < 0)
		die(PIPES);
	return fd;
}

static void answer_one(struct pollfd *asked)
{
	char event[MESSAGE_BYTES];

	switch (asked - polled) {
	case PORT:
		for (asked = polled + CONNECTIONS; asked < polled + POLLED; asked++)
			if (asked->fd < 0) {
				asked->fd = accept(polled[PORT].fd, NULL, NULL);
				return;
			}
		return;
	case PIPE_MADE:
		if (read(asked->fd, event, sizeof(event)) > 0)
			open_clients();
		return;
	case CLIENTS:
		if (asked->revents & POLLIN) {
			answer_clients(asked->fd);
			return;
		}
		break;
	default:
		if (answer_rpcbind(asked->fd) == 0)
			return;
	}
	close(asked->fd);
	asked->fd = -1;
}

static void answer_for_ever(void)
{
	size_t i;

	for (i = 0; i < POLLED; i++)
		polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	polled[PORT].fd = listen_for_rpcbind();
	polled[PIPE_MADE].fd = watch_pipes();
	while (poll(polled, POLLED, -1) > 0)
		for (i = 0; i < POLLED; i++)
			if (polled[i].fd >= 0 && polled[i].revents)
				answer_one(polled + i);
	die("upcalls");
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die("loopback");
	close(fd);
}

void answer_upcalls(void)
{
	pid_t child;

	/* Only a kernel that was given the server has this. */
	if (mount("nfsd", "/proc/fs/nfsd", "nfsd", 0, NULL) < 0)
		return;
	mkdir(PIPES, 0755);
	if (mount("pipes", PIPES, "rpc_pipefs", 0, NULL) < 0)
		die(PIPES);
	raise_loopback();
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		answer_for_ever();
}
