import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchBuild } from './build-watch.ts';
import { makeScratchFolder } from './scratch.ts';

test('a build is told of once, when it is whole, however it came', async () => {
  await using scratch = await makeScratchFolder();
  const [image, module] = ['bzImage', 'overlay.ko'].map((name) => join(scratch.path, name));
  if (image === undefined || module === undefined) throw new Error('two files were named');
  await writeFile(image, 'image');
  await writeFile(module, 'module');
  const stop = new AbortController();
  using build = await watchBuild([image, module], stop.signal);
  // What is no part of it does not count, and what is gone for a while will come.
  await writeFile(join(scratch.path, 'overlay.o'), 'object');
  await rm(module);
  await writeFile(image, 'a newer image');
  await writeFile(`${module}.new`, 'a newer module');
  await rename(`${module}.new`, module);
  await build.rebuilt();
  const next = build.rebuilt();
  await writeFile(module, 'the newest module');
  await next;
  const never = build.rebuilt();
  await writeFile(join(scratch.path, 'overlay.o'), 'another object');
  stop.abort();
  await expect(never).rejects.toMatchObject({ reason: 'aborted' });
});
