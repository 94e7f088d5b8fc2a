import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaseType } from '../model/bases.ts';
import { runChecked } from './process.ts';
import { makeScratchFolder } from './scratch.ts';

/** An empty file system, as the bytes that are not zero. */
export interface Image {
  readonly type: BaseType;
  readonly bytes: number;
  readonly pieces: readonly { readonly at: number; readonly data: string }[];
}

const IMAGE_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 4096;

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
export function imageOf(type: BaseType, number: number): Promise<Image> {
  const key = `${type} ${number}`;
  const image = made.get(key) ?? makeImage(type, number);
  made.set(key, image);
  return image;
}

async function makeImage(type: BaseType, number: number): Promise<Image> {
  const uuid = `00000000-0000-4000-8000-${String(number + 1).padStart(12, '0')}`;
  const [command = '', ...args] = MAKERS[type]?.(uuid) ?? [];
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, `${type}.img`);
  const file = await open(path, 'w+');
  try {
    await file.truncate(IMAGE_BYTES);
    await runChecked(command, [...args, path]);
    const content = await file.readFile();
    return { type, bytes: content.length, pieces: piecesOf(content) };
  } finally {
    await file.close();
  }
}

function piecesOf(content: Buffer): Image['pieces'] {
  const pieces: Image['pieces'][number][] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const data = content.toString('latin1', at, at + PIECE_BYTES).replace(/\0+$/, '');
    if (data !== '') pieces.push({ at, data });
  }
  return pieces;
}
