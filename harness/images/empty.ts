import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaseType } from '../../model/bases.ts';
import { runChecked } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';
import { piecesOf, uuidOf } from './image.ts';
import type { Image } from './image.ts';

const IMAGE_BYTES = 8 * 1024 * 1024;

/** What makes each, the image file last. The number tells those of one kind apart. */
const MAKERS: Readonly<Partial<Record<BaseType, (uuid: string) => readonly string[]>>> = {
  ext4: (uuid) => [
    ...['mke2fs', '-q', '-F', '-t', 'ext4', '-b', '4096', '-m', '0', '-U', uuid],
    // Inodes so large that xattrs never need a block of their own.
    ...['-I', '2048', '-N', '512', '-O', '^has_journal,^resize_inode'],
    ...['-E', `lazy_itable_init=0,nodiscard,hash_seed=${uuid}`],
  ],
};

const made = new Map<string, Promise<Image>>();

/** The empty file system that scenarios start with; made once. */
export function emptyImageOf(type: BaseType, number: number): Promise<Image> {
  const key = `${type} ${number}`;
  const image = made.get(key) ?? makeImage(type, number);
  made.set(key, image);
  return image;
}

async function makeImage(type: BaseType, number: number): Promise<Image> {
  const uuid = uuidOf(number);
  const [command = '', ...args] = MAKERS[type]?.(uuid) ?? [];
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, `${type}.img`);
  const file = await open(path, 'w+');
  try {
    await file.truncate(IMAGE_BYTES);
    await runChecked(command, [...args, path]);
    const content = await file.readFile();
    return { type, pieces: piecesOf(content) };
  } finally {
    await file.close();
  }
}
