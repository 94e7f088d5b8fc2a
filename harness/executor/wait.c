// SPDX-License-Identifier: MIT
/*
 * Calls that are repeated until they have another answer. In between the machine has a moment for
 * what is waited for: on its only CPU nothing else would run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>

#include "executor.h"

#define PAUSE_NS 1000000
#define NS_OF_MS 1000000ull

static const struct ovl_until *asked;
static uint64_t deadline_ns;

const char *check_until(const struct ovl_until *until)
{
	if (until->zero)
		return "until with bits that must be zero";
	return until->milliseconds > LIMIT_WAIT_MS ? "too long a wait" : NULL;
}

void begin_wait(const struct ovl_until *until)
{
	asked = until;
	deadline_ns = monotonic_ns() + until->milliseconds * NS_OF_MS;
}

int waits_after(long ret)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (!asked || ret != -(long)asked->error)
		return 0;
	if (monotonic_ns() >= deadline_ns) {
		asked = NULL;
		return 0;
	}
	nanosleep(&pause, NULL);
	return 1;
}

long end_wait(void)
{
	int is_in_vain = !asked;

	asked = NULL;
	return is_in_vain ? -ETIME : 0;
}
