import { BASE_PROFILES } from '../../model/bases.ts';
import type { BaseType } from '../../model/bases.ts';
import type { RealFs } from '../../model/state.ts';
import { HarnessError } from '../errors.ts';
import { emptyImageOf } from './empty.ts';
import type { ImageCache } from './empty.ts';
import { erofsOf } from './erofs.ts';
import { piecesOf, uuidOf } from './image.ts';
import type { Image } from './image.ts';
import { squashfsOf } from './squashfs.ts';

/** What writes a file system that is made whole, with all that the model has on it. */
const WRITERS: Readonly<Partial<Record<BaseType, (fs: RealFs, uuid: Buffer) => Buffer>>> = {
  squashfs: squashfsOf,
  erofs: erofsOf,
};

/** What a device starts with: the file system whole, or empty for the executor to fill. */
export async function imageOf(
  fs: RealFs,
  how: { readonly own?: ImageCache; readonly hasJournal?: boolean } = {},
): Promise<Image> {
  const { base, index } = fs;
  if (!BASE_PROFILES[base].isMadeWhole) return emptyImageOf(base, index, how);
  const write = WRITERS[base];
  if (write === undefined) throw new HarnessError('trouble', `nothing writes ${base}`);
  const uuid = Buffer.from(uuidOf(index).replaceAll('-', ''), 'hex');
  return { type: base, pieces: piecesOf(write(fs, uuid)) };
}
