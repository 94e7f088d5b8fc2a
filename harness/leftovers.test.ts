import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLeftovers, removeLeftovers } from './leftovers.ts';
import { start, startTimeOf } from './process.ts';
import { makeScratchFolder, OWNER_FILE } from './scratch.ts';

test('a scratch folder is private, and gone when it is disposed', async () => {
  let path: string;
  {
    await using scratch = await makeScratchFolder();
    path = scratch.path;
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await findLeftovers()).map((left) => left.path)).not.toContain(path);
  }
  await expect(stat(path)).rejects.toThrow(/ENOENT/);
});

test('a folder whose owner is dead is found, and removed with the processes it names', async () => {
  await using scratch = await makeScratchFolder();
  const { path } = scratch;
  await using orphan = await start('sleep', ['60'], ['ignore', 'ignore', 'ignore']);
  await scratch.noteProcess(orphan.pid);
  const dead = spawn('true');
  await once(dead, 'close');
  await writeFile(join(path, OWNER_FILE), `${dead.pid ?? 0} 1\n`);

  const left = (await findLeftovers()).filter((leftover) => leftover.path === path);
  expect(left).toMatchObject([{ path, processes: [{ pid: orphan.pid }] }]);
  await removeLeftovers(left);
  expect((await orphan.exited).signal).toBe('SIGKILL');
  await expect(stat(path)).rejects.toThrow(/ENOENT/);
});

test('a process that has got the number of an old one is spared', async () => {
  await using scratch = await makeScratchFolder();
  await using other = await start('sleep', ['60'], ['ignore', 'ignore', 'ignore']);
  await writeFile(join(scratch.path, `process-${other.pid}`), `${other.pid} 1\n`);
  await writeFile(join(scratch.path, OWNER_FILE), '1 1\n');
  const left = (await findLeftovers()).filter(({ path }) => path === scratch.path);
  expect(left).toEqual([{ path: scratch.path, processes: [] }]);
  await removeLeftovers(left);
  expect(startTimeOf(other.pid)).not.toBeNull();
});
