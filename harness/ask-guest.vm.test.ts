import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BASE_TYPES } from '../model/bases.ts';
import { CACHE_DIR } from './cli/context.ts';
import { prepareGuests } from './start-guest.ts';

test('what a kernel was built with is told in a private root, too', async () => {
  const wish = { kernel: 'host', backend: 'namespace', cacheDir: CACHE_DIR, bases: BASE_TYPES };
  const { start } = await prepareGuests(wish);
  await using guest = await start(new AbortController().signal);
  const { fsVerity, largeFolios } = guest.kernel.environment;
  expect({ fsVerity, largeFolios }).toEqual({
    fsVerity: existsSync('/proc/sys/fs/verity/require_signatures'),
    largeFolios: existsSync('/sys/kernel/mm/transparent_hugepage/enabled'),
  });
});
