import { profileOf } from '../bases.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { mayFollow } from '../walk.ts';

const SYMLINKS_MAX = 40;

/** A name in a directory of a layer, and what has it. */
export interface Spot {
  readonly dir: RealInode;
  readonly name: string;
  readonly inode: RealInode | null;
}

/** Where a path on a layer ends, as root walks it; null for the root of the layer. */
export function findSpot(
  context: Context,
  layer: LayerName,
  path: string,
  { follow = false }: { readonly follow?: boolean } = {},
): Prediction<Spot | null> {
  const root = rootOf(context, layer);
  if (root === undefined) return fail('ENOENT');
  let dir = root;
  let names = namesOf(path);
  for (let symlinks = 0; ;) {
    const [name, ...rest] = names;
    if (name === undefined) return succeed(null);
    const inode = dir.entries.get(name) ?? null;
    const isEnd = rest.length === 0;
    if (inode?.type === 'symlink' && (!isEnd || follow)) {
      if (++symlinks > SYMLINKS_MAX) return fail('ELOOP');
      if (isEnd && !mayFollow(context, dir, inode)) return fail('EACCES');
      names = [...namesOf(inode.target), ...rest];
      continue;
    }
    if (isEnd) return succeed({ dir, name, inode });
    if (inode === null) return fail('ENOENT');
    if (inode.type !== 'dir') return fail('ENOTDIR');
    dir = inode;
    names = rest;
  }
}

/** The object at a path on a layer. */
export function findObject(
  context: Context,
  layer: LayerName,
  path: string,
  how?: { readonly follow?: boolean },
): Prediction<RealInode> {
  const spot = findSpot(context, layer, path, how);
  if (!spot.ok) return spot;
  const inode = spot.value === null ? rootOf(context, layer) : spot.value.inode;
  return inode == null ? fail('ENOENT') : succeed(inode);
}

/** The object at a path on a layer, to change it. */
export function findChangeable(
  context: Context,
  layer: LayerName,
  path: string,
  how?: { readonly follow?: boolean },
): Prediction<RealInode> {
  const found = findObject(context, layer, path, how);
  return found.ok && isReadOnly(found.value) ? fail('EROFS') : found;
}

/** Whether nothing on the file system of an object can change: asked once a path was walked. */
export function isReadOnly(inode: RealInode): boolean {
  return profileOf(inode).isReadOnly;
}

/** A name on a layer that is free; to make something at one that is not fails. */
export function findFree(
  context: Context,
  layer: LayerName,
  path: string,
): Prediction<Pick<Spot, 'dir' | 'name'>> {
  const spot = findSpot(context, layer, path);
  if (!spot.ok) return spot;
  if (spot.value?.inode !== null) return fail('EEXIST');
  return isReadOnly(spot.value.dir) ? fail('EROFS') : succeed(spot.value);
}

/** The root of a layer; undefined when there is none of that number. */
export function rootOf({ world }: Context, layer: LayerName): RealInode | undefined {
  const { upper, workdir, lowers, data } = world.points;
  if (layer === 'upper') return upper;
  if (layer === 'work') return workdir;
  return typeof layer === 'number' ? lowers[layer] : data[dataIndex(layer)];
}

/** Which of the layers that have nothing but data. */
export function dataIndex(layer: `data ${number}`): number {
  return Number(layer.slice('data '.length));
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '.');
}
