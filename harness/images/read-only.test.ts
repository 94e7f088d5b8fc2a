import { expect, test } from 'vitest';
import { buildLayers } from '../../model/build.ts';
import type { BaseType } from '../../model/bases.ts';
import type { RealFs } from '../../model/state.ts';
import { resolveProfile } from '../../model/semantics/resolve.ts';
import { imageOf } from './index.ts';

function fsOf(type: BaseType): RealFs {
  const { all } = buildLayers(
    {
      base: 'tmpfs',
      otherBases: [type],
      layers: [
        { role: 'upper', entries: [] },
        {
          role: 'lower',
          on: 1,
          entries: [
            { path: 'a', type: 'file', pieces: [{ at: 8192, text: 'behind a hole' }] },
            { path: 'b', type: 'link', to: 'a' },
          ],
        },
      ],
      options: '',
      steps: [],
    },
    resolveProfile('linux-6.18'),
  );
  const fs = all.find(({ base }) => base === type);
  if (fs === undefined) throw new Error(`no ${type}`);
  return fs;
}

test.each([
  ['squashfs', 0, 'hsqs', 'behind a hole'],
  ['erofs', 1024, '\xe2\xe1\xf5\xe0', 'behind a hole'],
] as const)(
  'an image of %s has its magic number and the data of its files once',
  async (...args) => {
    const [type, at, magic, data] = args;
    const { pieces } = await imageOf(fsOf(type));
    const whole = Buffer.alloc(1024 * 1024);
    for (const piece of pieces) whole.write(piece.data, piece.at, 'latin1');
    expect(whole.toString('latin1', at, at + magic.length)).toBe(magic);
    expect(whole.toString('latin1').split(data)).toHaveLength(2);
  },
);

test('an image says the same of the same layers', async () => {
  for (const type of ['squashfs', 'erofs'] as const) {
    expect(await imageOf(fsOf(type))).toEqual(await imageOf(fsOf(type)));
  }
});

test('all times of an object on a read-only file system are one', () => {
  const { root } = fsOf('erofs');
  for (const inode of [root, ...root.entries.values()]) {
    expect(inode.atime).toBe(inode.mtime);
    expect(inode.ctime).toBe(inode.mtime);
  }
});
