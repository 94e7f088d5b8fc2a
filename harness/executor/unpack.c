// SPDX-License-Identifier: MIT
#include <string.h>

#include "executor.h"

int unpack(const uint8_t *packed, size_t bytes, uint8_t *to, size_t *to_bytes)
{
	size_t at = 0, end, count, back, i;

	for (end = 0; at < bytes; end += count) {
		count = packed[at++];
		if (count < 128) {
			count++;
			if (count > bytes - at || count > LIMIT_FRAME_BYTES - end)
				return -1;
			memcpy(to + end, packed + at, count);
			at += count;
			continue;
		}
		if (bytes - at < 2)
			return -1;
		count += LIMIT_PACK_COPY_BYTES - 128;
		back = packed[at] | packed[at + 1] << 8;
		at += 2;
		if (back == 0 || back > end || count > LIMIT_FRAME_BYTES - end)
			return -1;
		/* What is copied may begin with what the copy has just made. */
		for (i = end; i < end + count; i++)
			to[i] = to[i - back];
	}
	*to_bytes = end;
	return 0;
}
