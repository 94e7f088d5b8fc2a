// SPDX-License-Identifier: MIT
#ifndef OVLCHECK_EXECUTOR_H
#define OVLCHECK_EXECUTOR_H

#include <stddef.h>

#include "protocol.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline size_t pad(size_t bytes)
{
	return (bytes + 7) & ~(size_t)7;
}

/* executor.c */
void die(const char *what);
/* Room for a part of the results, or NULL when the frame is full. */
void *reserve(size_t bytes);

/* dump.c */
void forget_dumps(void);
/* Adds what changed to the results; -1 when they have no room. Refused, it fails with EPERM. */
int run_dump(const struct ovl_dump *dump, int is_allowed);

/* child.c */
/* What the call returned; 0 as well when the child is stopped in another program now. */
long call_in_child(long number, const long v[LIMIT_ARGUMENTS], int slot);
/* Ends the child that has this slot, if any. */
void end_child(int slot);

/* apart.c */
/* Why the instruction cannot be run, or NULL; `rest` is what follows its head. */
const char *check_apart(const struct ovl_apart *apart, size_t rest);
/* Runs it in a child with namespaces of its own; 0, or minus the errno of what failed. */
long run_apart(const struct ovl_apart *apart, void (*run)(void));

/* unpack.c */
/*
 * Unpacks a program: a token below 128 is followed by that many bytes and one more, any other by
 * how far back to copy from, and its low bits say how much. There is room for a frame.
 */
int unpack(const uint8_t *packed, size_t bytes, uint8_t *to, size_t *to_bytes);

/* wait.c */
/* Why the instruction cannot be run, or NULL. */
const char *check_until(const struct ovl_until *until);
/* The next call is repeated. */
void begin_wait(const struct ovl_until *until);
/* Whether to make it again, after a moment. */
int waits_after(long ret);
/* 0, or -ETIME when the answer was the same to the end. */
long end_wait(void);

/* tree.c */
/* Why the instruction cannot be run, or NULL; `rest` is what follows its head. */
const char *check_tree(const struct ovl_tree *tree, size_t rest);
/* Returns 0, or minus the errno of what failed first. */
long run_tree(const struct ovl_tree *tree);

/* start.c */
uint64_t monotonic_ns(void);
void enter_namespaces(void);
/* As PID 1: mounts, modules; returns the channel. */
int set_up_machine(void);
/* Lets the host send as much as was read, where it waits for that. */
void grant_credit(size_t bytes);

/* upcalls.c */
/* Where the kernel has an NFS server, a child answers what that asks of user space. */
void answer_upcalls(void);

#endif
