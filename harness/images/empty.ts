import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaseType } from '../../model/bases.ts';
import { runChecked } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';
import { piecesOf, uuidOf } from './image.ts';
import type { Image, Piece } from './image.ts';

const IMAGE_BYTES = 8 * 1024 * 1024;
/** A journal takes room, and without one nothing is promised after a crash. */
const JOURNALED_BYTES = 2 * IMAGE_BYTES;

/** What makes each, the image file last. The number tells those of one kind apart. */
const MAKERS: Readonly<
  Partial<Record<BaseType, (uuid: string, hasJournal: boolean) => readonly string[]>>
> = {
  ext4: (uuid, hasJournal) => [
    ...['mke2fs', '-q', '-F', '-t', 'ext4', '-b', '4096', '-m', '0', '-U', uuid],
    // Inodes so large that xattrs never need a block of their own.
    ...['-I', '2048', '-N', '512', '-O', '^resize_inode,verity'],
    ...['-E', `lazy_itable_init=0,nodiscard,hash_seed=${uuid}`],
    ...(hasJournal ? ['-J', 'size=4'] : ['-O', '^has_journal']),
  ],
  xfs: (uuid) => [
    ...['mkfs.xfs', '-q', '-f', '-m', `uuid=${uuid},reflink=1`],
    // What older kernels do not know is left out. Inodes are as large as can be: see ext4.
    ...['-m', 'bigtime=0,inobtcount=0,rmapbt=0', '-i', 'size=2048,nrext64=0'],
  ],
  btrfs: () => ['mkfs.btrfs', '-q', '-f', '-m', 'single', '-d', 'single'],
};

const BIG_IMAGE_BYTES = 320 * 1024 * 1024;
/** How large each is: no larger than its tool insists on. */
const BYTES: Readonly<Partial<Record<BaseType, number>>> = {
  xfs: BIG_IMAGE_BYTES,
  btrfs: 128 * 1024 * 1024,
};

/** Images by the file systems of scenarios. */
export type ImageCache = Map<string, Promise<Image>>;

const made: ImageCache = new Map();
/** What a kernel takes for one and the same wherever it is mounted: each machine has its own. */
const OWN_EACH: ReadonlySet<BaseType> = new Set(['btrfs']);

/** The empty file system that scenarios start with; made once. */
export function emptyImageOf(
  type: BaseType,
  number: number,
  { own = made, hasJournal = false }: { own?: ImageCache; hasJournal?: boolean } = {},
): Promise<Image> {
  const cache = OWN_EACH.has(type) ? own : made;
  const key = `${type} ${number}${hasJournal ? ' with a journal' : ''}`;
  const image = cache.get(key) ?? makeImage(type, number, hasJournal);
  cache.set(key, image);
  return image;
}

/** The command that makes one in a file, but for the file's name, and how large that is. */
export function recipeOf(
  type: BaseType,
  number: number,
  hasJournal = false,
): { readonly command: readonly string[]; readonly bytes: number } {
  return {
    command: MAKERS[type]?.(uuidOf(number), hasJournal) ?? [],
    bytes: BYTES[type] ?? (hasJournal ? JOURNALED_BYTES : IMAGE_BYTES),
  };
}

async function makeImage(type: BaseType, number: number, hasJournal: boolean): Promise<Image> {
  const { command, bytes } = recipeOf(type, number, hasJournal);
  const [tool = '', ...args] = command;
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, `${type}.img`);
  const file = await open(path, 'w+');
  try {
    await file.truncate(bytes);
    await runChecked(tool, [...args, path]);
    return { type, pieces: await readPieces(file) };
  } finally {
    await file.close();
  }
}

const PART_BYTES = 1024 * 1024;

/** Part by part: as a whole it is hundreds of megabytes, and next to nothing without its zeros. */
async function readPieces(file: FileHandle): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  const part = Buffer.alloc(PART_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(part, 0, PART_BYTES, at);
    if (bytesRead === 0) return pieces;
    pieces.push(...piecesOf(part.subarray(0, bytesRead), at));
    at += bytesRead;
  }
}
