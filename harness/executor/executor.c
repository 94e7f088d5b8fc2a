// SPDX-License-Identifier: MIT
/*
 * A remote syscall(2) that also dumps, copies and removes trees. It runs programs that come in over
 * a channel and knows no operation: what a call means is the business of whoever sent it.
 *
 *   executor               as PID 1: sets the machine up, then serves the channel OVL_CHANNEL names
 *   executor --namespace   serves stdin and stdout from private namespaces and an empty root
 *   executor --parse-only DIR
 *                          serves stdin and stdout; every call fails with ENOSYS, and every dump
 *                          but that of DIR with EPERM, so that random programs do no harm
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"

static int in_fd, out_fd;
/* The only tree that may be touched; NULL when programs run in earnest. */
static const char *parse_only;
/* Only init of a machine may set its clock and turn it off. */
static int owns_machine;
static uint8_t in[LIMIT_FRAME_BYTES] __attribute__((aligned(8)));
static uint8_t packed[LIMIT_FRAME_BYTES];
static uint8_t out[sizeof(struct ovl_header) + LIMIT_FRAME_BYTES] __attribute__((aligned(8)));
static uint8_t arena[LIMIT_ARENA_BYTES] __attribute__((aligned(8)));
static int slots[LIMIT_SLOTS];
static uint8_t kept[LIMIT_KEPT][LIMIT_KEPT_BYTES];
static size_t in_bytes, out_bytes, arena_bytes;
static uint64_t started_ns;
/* Calls that run apart: where they are, -1 if their results have no room, what is wrong with it. */
static size_t apart_from, apart_to;
static int apart_ret;
static long refusal;

void die(const char *what)
{
	fprintf(stderr, "executor: %s: %s\n", what, strerror(errno));
	if (owns_machine)
		reboot(RB_POWER_OFF);
	_exit(1);
}

static int read_fully(void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		ssize_t got = read(in_fd, at, bytes);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		grant_credit(got);
		at += got;
		bytes -= got;
	}
	return 0;
}

static void write_fully(const void *from, size_t bytes)
{
	const uint8_t *at = from;

	while (bytes > 0) {
		ssize_t put = write(out_fd, at, bytes);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			die("channel");
		at += put;
		bytes -= put;
	}
}

/* Frames are sent from the out buffer, whose payload begins behind the header. */
static uint8_t *payload(void)
{
	return out + sizeof(struct ovl_header);
}

static void send_frame(uint32_t type, uint32_t tag)
{
	struct ovl_header *header = (void *)out;

	*header = (struct ovl_header){ .type = type, .bytes = out_bytes, .tag = tag };
	write_fully(out, sizeof(*header) + out_bytes);
}

static void send_fatal(uint32_t tag, size_t offset, const char *reason)
{
	uint32_t at = offset;

	memcpy(payload(), &at, sizeof(at));
	memcpy(payload() + sizeof(at), reason, strlen(reason) + 1);
	out_bytes = sizeof(at) + strlen(reason) + 1;
	send_frame(FRAME_FATAL, tag);
}

static void send_hello(uint32_t tag)
{
	struct ovl_hello hello = { .since_start_ns = monotonic_ns() - started_ns };
	struct utsname name;
	uint8_t *at = payload();

	uname(&name);
	at = mempcpy(at, PROTOCOL_HASH, strlen(PROTOCOL_HASH));
	at = mempcpy(at, &hello, sizeof(hello));
	at = mempcpy(at, name.release, strlen(name.release) + 1);
	out_bytes = at - payload();
	send_frame(FRAME_HELLO, tag);
}

/* Room for a part of the results, or NULL when the frame is full. */
void *reserve(size_t bytes)
{
	uint8_t *at = payload() + out_bytes;

	if (pad(bytes) > LIMIT_FRAME_BYTES - out_bytes)
		return NULL;
	memset(at + bytes, 0, pad(bytes) - bytes);
	out_bytes += pad(bytes);
	return at;
}

static long run_close(uint32_t slot)
{
	int fd = slots[slot];

	end_child(slot);
	slots[slot] = -1;
	if (fd < 0)
		return -EBADF;
	return close(fd) < 0 ? -errno : 0;
}

static int brings_back(uint8_t kind)
{
	return kind == ARG_OUTPUT || kind == ARG_STRUCT || kind == ARG_INOUT || kind == ARG_KEEP;
}

static int has_data(uint8_t kind)
{
	return kind == ARG_INPUT || kind == ARG_INOUT || kind == ARG_KEEP || kind == ARG_KEPT;
}

/* A copy of what was kept, with some bits of it flipped. */
static void *flipped(uint64_t number, const uint8_t *flips, uint32_t bytes)
{
	uint8_t *copy = arena + arena_bytes;
	uint32_t i;

	memcpy(copy, kept[number], LIMIT_KEPT_BYTES);
	for (i = 0; i < bytes; i++)
		copy[i] ^= flips[i];
	arena_bytes += pad(LIMIT_KEPT_BYTES);
	return copy;
}

/* Prepares the arguments; data is passed where it lies in the frame. */
static void gather(const struct ovl_call *call, long *values, void **buffers, uint32_t *sizes,
		   uint8_t *kinds, uint64_t *numbers)
{
	uint8_t *at = (uint8_t *)(call + 1);
	int i;

	arena_bytes = 0;
	for (i = 0; i < call->count; i++) {
		const struct ovl_argument *arg = (const void *)at;

		at += sizeof(*arg);
		kinds[i] = arg->kind;
		sizes[i] = arg->bytes;
		numbers[i] = arg->value;
		buffers[i] = at;
		values[i] = arg->value;
		switch (arg->kind) {
		case ARG_SLOT:
			values[i] = slots[arg->value];
			break;
		case ARG_INPUT:
		case ARG_INOUT:
		case ARG_KEEP:
			values[i] = (long)at;
			at += pad(arg->bytes);
			break;
		case ARG_KEPT:
			values[i] = (long)flipped(arg->value, at, arg->bytes);
			at += pad(arg->bytes);
			break;
		case ARG_OUTPUT:
		case ARG_STRUCT:
			buffers[i] = arena + arena_bytes;
			values[i] = (long)buffers[i];
			memset(buffers[i], 0, arg->bytes);
			arena_bytes += pad(arg->bytes);
			break;
		}
	}
}

/* Returns what the call returned, or minus its errno. */
static long make_call(const struct ovl_call *call, const long *v)
{
	long number = ovl_calls[call->call], ret;

	if (parse_only)
		return -ENOSYS;
	if (refusal)
		return refusal;
	if (call->op == INSTRUCTION_CHILD && call->slot >= 0)
		run_close(call->slot);
	if (call->op == INSTRUCTION_CHILD)
		return call_in_child(number, v, call->slot);
	do {
		ret = syscall(number, v[0], v[1], v[2], v[3], v[4], v[5]);
		ret = ret < 0 ? -errno : ret;
	} while (waits_after(ret));
	return ret;
}

static int run_call(const struct ovl_call *call)
{
	struct ovl_result *result = reserve(sizeof(*result));
	long v[LIMIT_ARGUMENTS] = { 0 }, ret;
	uint32_t sizes[LIMIT_ARGUMENTS];
	uint64_t numbers[LIMIT_ARGUMENTS];
	uint8_t kinds[LIMIT_ARGUMENTS];
	void *buffers[LIMIT_ARGUMENTS];
	int i;

	if (!result)
		return -1;
	gather(call, v, buffers, sizes, kinds, numbers);
	*result = (struct ovl_result){ .op = INSTRUCTION_CALL };
	ret = make_call(call, v);
	result->value = ret;
	if (ret >= 0 && call->slot >= 0 && call->op == INSTRUCTION_CALL) {
		run_close(call->slot);
		slots[call->slot] = ret;
	}
	for (i = 0; i < call->count; i++) {
		uint32_t bytes = ret < 0 && kinds[i] != ARG_KEEP ? 0 : sizes[i], *to;

		if (!brings_back(kinds[i]))
			continue;
		if (kinds[i] == ARG_OUTPUT && ret >= 0 && ret < bytes)
			bytes = ret;
		to = reserve(8 + bytes);
		if (!to)
			return -1;
		to[0] = bytes;
		to[1] = 0;
		memcpy(to + 2, buffers[i], bytes);
		if (kinds[i] == ARG_KEEP && ret >= 0)
			memcpy(kept[numbers[i]], buffers[i], bytes);
		result->outputs++;
	}
	return 0;
}

static const char *check_kept(const struct ovl_argument *arg)
{
	int is_kept = arg->kind == ARG_KEEP || arg->kind == ARG_KEPT;

	if (is_kept && arg->value >= LIMIT_KEPT)
		return "no such place to keep";
	return is_kept && arg->bytes > LIMIT_KEPT_BYTES ? "too much to keep" : NULL;
}

/* Why an instruction cannot be run, or NULL; `*size` is how long it is. */
static const char *check_call(const uint8_t *at, size_t rest, size_t *size)
{
	const struct ovl_call *call = (const void *)at;
	size_t used = sizeof(*call), output = 0;
	const char *why;
	int i;

	if (call->zero)
		return "call with bits that must be zero";
	if (call->count > LIMIT_ARGUMENTS)
		return "too many arguments";
	if (call->call >= ARRAY_SIZE(ovl_calls))
		return "no such call";
	if (call->slot < -1 || call->slot >= LIMIT_SLOTS)
		return "no such slot";
	for (i = 0; i < call->count; i++) {
		const struct ovl_argument *arg = (const void *)(at + used);

		if (rest - used < sizeof(*arg))
			return "argument cut short";
		used += sizeof(*arg);
		if (arg->zero || arg->zero2)
			return "argument with bits that must be zero";
		if (arg->kind > ARG_KEPT)
			return "no such kind of argument";
		if (arg->kind == ARG_SLOT && arg->value >= LIMIT_SLOTS)
			return "no such slot";
		why = check_kept(arg);
		if (why)
			return why;
		if (has_data(arg->kind)) {
			if (arg->bytes > rest - used || pad(arg->bytes) > rest - used)
				return "data cut short";
			used += pad(arg->bytes);
			output += arg->kind == ARG_KEPT ? pad(LIMIT_KEPT_BYTES) : 0;
			if (output > LIMIT_ARENA_BYTES)
				return "outputs too large";
		} else if (brings_back(arg->kind)) {
			if (arg->bytes > LIMIT_ARENA_BYTES - output)
				return "outputs too large";
			output += pad(arg->bytes);
			if (output > LIMIT_ARENA_BYTES)
				return "outputs too large";
		}
	}
	*size = used;
	return NULL;
}

static const char *check_instruction(const uint8_t *at, size_t rest, size_t *size)
{
	const struct ovl_close *closing = (const void *)at;
	const struct ovl_dump *dump = (const void *)at;
	const struct ovl_tree *tree = (const void *)at;
	const struct ovl_apart *apart = (const void *)at;

	if (rest < 8)
		return "instruction cut short";
	*size = 8;
	switch (at[0]) {
	case INSTRUCTION_CALL:
	case INSTRUCTION_CHILD:
		return check_call(at, rest, size);
	case INSTRUCTION_CLOSE:
		if (closing->zero || closing->zero2)
			return "close with bits that must be zero";
		return closing->slot < LIMIT_SLOTS ? NULL : "no such slot";
	case INSTRUCTION_DUMP:
		if (dump->zero)
			return "dump with bits that must be zero";
		if (dump->tree >= LIMIT_TREES)
			return "no such tree";
		if (dump->bytes == 0 || dump->bytes > rest - 8 || pad(dump->bytes) > rest - 8)
			return "path cut short";
		if (at[8 + dump->bytes - 1] != 0)
			return "path without end";
		*size += pad(dump->bytes);
		return NULL;
	case INSTRUCTION_TREE:
		if (rest < sizeof(*tree))
			return "instruction cut short";
		*size = sizeof(*tree) + pad(tree->bytes);
		return check_tree(tree, rest - sizeof(*tree));
	case INSTRUCTION_APART:
		*size = sizeof(*apart) + pad(apart->bytes);
		return check_apart(apart, rest - sizeof(*apart));
	case INSTRUCTION_UNTIL:
		return check_until((const void *)at);
	}
	return "no such instruction";
}

static const char *check_program(size_t *offset)
{
	size_t size = 0, count = 0, apart = 0;
	int is_until = 0;

	for (*offset = 0; *offset < in_bytes; *offset += size) {
		const char *why = check_instruction(in + *offset, in_bytes - *offset, &size);
		uint8_t op = in[*offset];

		if (why)
			return why;
		if (++count > LIMIT_INSTRUCTIONS)
			return "too many instructions";
		if (apart > 0 && op != INSTRUCTION_CALL)
			return "only calls run apart";
		if (is_until && op != INSTRUCTION_CALL)
			return "only calls are repeated";
		is_until = op == INSTRUCTION_UNTIL;
		if (op == INSTRUCTION_APART)
			apart = ((const struct ovl_apart *)(in + *offset))->calls;
		else if (apart > 0)
			apart--;
	}
	if (is_until)
		return "no call to repeat";
	return apart > 0 ? "too few calls to run apart" : NULL;
}

/* What one program leaves behind must not reach the next, nor keep a file system busy. */
static void start_afresh(void)
{
	size_t i;

	for (i = 0; i < LIMIT_LASTING_SLOTS_FROM; i++)
		run_close(i);
	memset(kept, 0, sizeof(kept));
	forget_dumps();
	if (parse_only)
		return;
	if (setresuid(-1, 0, -1) < 0 || setresgid(-1, 0, -1) < 0 ||
	    syscall(SYS_setgroups, 0, NULL) < 0 || chdir("/") < 0)
		die("start afresh");
	umask(0);
}

/* Returns -1 when the frame has no room for the result. */
static int run_instruction(const uint8_t *at)
{
	const struct ovl_dump *dump = (const void *)at;
	struct ovl_result *result;

	if (at[0] == INSTRUCTION_CALL || at[0] == INSTRUCTION_CHILD)
		return run_call((const void *)at);
	if (at[0] == INSTRUCTION_DUMP)
		return run_dump(dump, !parse_only || !strcmp((const char *)(dump + 1), parse_only));
	result = reserve(sizeof(*result));
	if (!result)
		return -1;
	*result = (struct ovl_result){ .op = at[0] };
	if (at[0] == INSTRUCTION_CLOSE)
		result->value = run_close(((const struct ovl_close *)at)->slot);
	else
		result->value = parse_only ? -ENOSYS : run_tree((const void *)at);
	return 0;
}

static size_t size_of(size_t offset)
{
	size_t size;

	check_instruction(in + offset, in_bytes - offset, &size);
	return size;
}

static void run_apart_ones(void)
{
	for (apart_ret = 0; !apart_ret && apart_from < apart_to; apart_from += size_of(apart_from))
		apart_ret = run_call((const void *)(in + apart_from));
}

/* Where the instruction after those ends that run apart; they have results in any case. */
static int run_those_apart(size_t *offset)
{
	const struct ovl_apart *apart = (const void *)(in + *offset);
	struct ovl_result *result = reserve(sizeof(*result));
	int i;

	if (!result)
		return -1;
	*result = (struct ovl_result){ .op = INSTRUCTION_APART };
	*offset += size_of(*offset);
	apart_from = *offset;
	for (i = 0; i < apart->calls; i++)
		*offset += size_of(*offset);
	apart_to = *offset;
	refusal = result->value = parse_only ? -ENOSYS : run_apart(apart, run_apart_ones);
	if (refusal)
		run_apart_ones();
	refusal = 0;
	return apart_ret;
}

/* Whether the wait was in vain comes back before the result of the call. */
static int run_until(size_t *offset)
{
	const struct ovl_until *until = (const void *)(in + *offset);
	struct ovl_result *result = reserve(sizeof(*result));
	int ret;

	if (!result)
		return -1;
	*result = (struct ovl_result){ .op = INSTRUCTION_UNTIL };
	*offset += size_of(*offset);
	begin_wait(until);
	ret = run_call((const void *)(in + *offset));
	result->value = end_wait();
	*offset += size_of(*offset);
	return ret;
}

static void run_program(uint32_t tag)
{
	size_t offset;
	const char *why = check_program(&offset);
	int ret;

	if (why) {
		send_fatal(tag, offset, why);
		return;
	}
	out_bytes = 0;
	for (offset = 0; offset < in_bytes && !why;) {
		if (in[offset] == INSTRUCTION_APART) {
			ret = run_those_apart(&offset);
		} else if (in[offset] == INSTRUCTION_UNTIL) {
			ret = run_until(&offset);
		} else {
			ret = run_instruction(in + offset);
			offset += size_of(offset);
		}
		if (ret < 0)
			why = "results too large";
	}
	start_afresh();
	if (why)
		send_fatal(tag, offset, why);
	else
		send_frame(FRAME_RESULTS, tag);
}

/* A machine restored from a snapshot gets entropy and a clock of its own. */
static void renew(uint32_t tag)
{
	const struct ovl_ping *ping = (const void *)in;
	struct timespec now = {
		.tv_sec = ping->realtime_ns / 1000000000,
		.tv_nsec = ping->realtime_ns % 1000000000,
	};
	int fd;

	if (in_bytes != sizeof(*ping)) {
		send_fatal(tag, 0, "ping of a wrong size");
		return;
	}
	if (ping->realtime_ns && owns_machine && clock_settime(CLOCK_REALTIME, &now) < 0)
		fprintf(stderr, "executor: clock: %s\n", strerror(errno));
	fd = parse_only ? -1 : open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, in, LIMIT_ENTROPY_BYTES) < 0)
			fprintf(stderr, "executor: entropy: %s\n", strerror(errno));
		close(fd);
	}
	send_hello(tag);
}

static void serve(void)
{
	struct ovl_header header;

	memset(slots, -1, sizeof(slots));
	start_afresh();
	send_hello(0);
	while (read_fully(&header, sizeof(header)) == 0) {
		if (header.bytes > LIMIT_FRAME_BYTES || header.zero ||
		    (header.type != FRAME_PROGRAM && header.type != FRAME_PACKED &&
		     header.type != FRAME_PING)) {
			send_fatal(header.tag, 0, "bad header");
			return;
		}
		in_bytes = header.bytes;
		if (read_fully(header.type == FRAME_PACKED ? packed : in, in_bytes) < 0)
			return;
		if (header.type == FRAME_PING)
			renew(header.tag);
		else if (header.type == FRAME_PACKED && unpack(packed, in_bytes, in, &in_bytes) < 0)
			send_fatal(header.tag, 0, "not packed");
		else
			run_program(header.tag);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	started_ns = monotonic_ns();
	/* A fifo without readers is a result, not the end of us. */
	signal(SIGPIPE, SIG_IGN);
	in_fd = STDIN_FILENO;
	out_fd = STDOUT_FILENO;
	if (!strcmp(mode, "--parse-only") && argc == 3) {
		parse_only = argv[2];
	} else if (!strcmp(mode, "--namespace")) {
		enter_namespaces();
	} else if (getpid() == 1) {
		owns_machine = 1;
		in_fd = out_fd = set_up_machine();
	} else {
		fprintf(stderr, "usage: executor --namespace | --parse-only DIR\n");
		return 2;
	}
	serve();
	if (owns_machine)
		reboot(RB_POWER_OFF);
	return 0;
}
