import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { findStaleTemporaries, temporaryBeside, writeFileAtomically } from './atomic-file.ts';
import { makeScratchFolder } from './scratch.ts';

test('a file is there as a whole, and nothing else', async () => {
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, 'file');
  await writeFileAtomically(path, 'one');
  await writeFileAtomically(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  const names = await readdir(scratch.path);
  expect(names.filter((name) => name.startsWith('file'))).toEqual(['file']);
});

test('what a dead process was writing is found, what a living one is writing is not', async () => {
  await using scratch = await makeScratchFolder();
  const dead = spawn('true');
  await once(dead, 'close');
  const living = temporaryBeside(join(scratch.path, 'file'));
  const stale = living.replace(`.${process.pid}-`, `.${dead.pid ?? 0}-`);
  await writeFile(living, '');
  await writeFile(stale, '');
  const found = await findStaleTemporaries(scratch.path);
  expect(found.map((path) => basename(path))).toEqual([basename(stale)]);
});
