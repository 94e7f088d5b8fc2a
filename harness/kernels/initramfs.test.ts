import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeScratchFolder } from '../scratch.ts';
import { cpio, initramfsEntries, makeInitramfs } from './initramfs.ts';

interface Unpacked {
  readonly name: string;
  readonly mode: number;
  readonly content: string;
}

/** Reads an archive as the kernel does: fixed headers, everything at multiples of four. */
function unpack(archive: Buffer): readonly Unpacked[] {
  const entries: Unpacked[] = [];
  for (let at = 0; at < archive.length;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameEnd = at + 110 + field(11);
    const name = archive.toString('latin1', at + 110, nameEnd - 1);
    const from = (nameEnd + 3) & ~3;
    const content = archive.toString('latin1', from, from + field(6));
    if (name === 'TRAILER!!!') return entries;
    entries.push({ name, mode: field(1), content });
    at = (from + field(6) + 3) & ~3;
  }
  throw new Error('no trailer');
}

test('an initramfs has the executor as init, and modules in the order to insert them', () => {
  const modules = ['virtio', 'overlay'].map((name) => ({ name, bytes: Buffer.from(`${name}!`) }));
  const entries = unpack(cpio(initramfsEntries(Buffer.from('elf'), modules)));
  expect(entries).toContainEqual({ name: 'init', mode: 0o100755, content: 'elf' });
  expect(entries).toContainEqual({ name: 'dev/console', mode: 0o020600, content: '' });
  expect(entries.filter(({ name }) => name.startsWith('modules/'))).toEqual([
    { name: 'modules/000-virtio.ko', mode: 0o100644, content: 'virtio!' },
    { name: 'modules/001-overlay.ko', mode: 0o100644, content: 'overlay!' },
  ]);
});

test('the same content is one file in the cache, another content another file', async () => {
  await using scratch = await makeScratchFolder();
  const executor = join(scratch.path, 'executor');
  await writeFile(executor, 'one');
  const first = await makeInitramfs(scratch.path, executor, []);
  expect(await makeInitramfs(scratch.path, executor, [])).toBe(first);
  await writeFile(executor, 'two');
  const second = await makeInitramfs(scratch.path, executor, []);
  expect(second).not.toBe(first);
  expect(unpack(await readFile(second)).find(({ name }) => name === 'init')?.content).toBe('two');
});
