import { BASE_PROFILES } from '../bases.ts';
import type { BaseType } from '../bases.ts';
import { mountPointOf } from '../scenario.ts';
import { losesNames } from '../file-flags.ts';
import { fsOf } from '../file-system.ts';
import { moveName } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { dataIndex, isReadOnly, rootOf } from '../offline/find.ts';
import { copyTree, removeTree } from '../offline/tree.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { makeDir } from '../build.ts';
import { defineOp } from './op.ts';
import type { ArgKinds, Context, LayerName } from './op.ts';

/** What a layer, or the work directory, that is moved away has behind its letter. */
export const AWAY_FROM = 100;

/**
 * A layer is moved away, and where it was is a copy of it; or it is removed, and an empty directory
 * is made in its place. Either way its objects are others than before. The work directory may be
 * made anew with it. A copy of a lower layer may be on another file system.
 */
export const offlineReplace = defineOp({
  args: { layer: 'layer', by: 'replacement', work: 'workFate', otherFs: 'otherFs' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, by, work, otherFs }) {
    return editOffline(context, () => {
      const replaced = by === 'empty' ? empty(context, layer) : copy(context, layer, by, otherFs);
      const emptied = work === 'emptied' ? empty(context, 'work') : null;
      return replaced ?? emptied ?? succeed(null);
    });
  },
});

function empty(context: Context, layer: LayerName): Failure | null {
  const old = rootOf(context, layer);
  const parent = old?.parent;
  if (old === undefined || parent == null) return fail('ENOENT');
  const { fs, umask } = context.world;
  const name = nameOf(parent, old);
  const failed = removeTree(context, parent, name);
  if (parent.entries.has(name)) return failed;
  settle(context, layer, makeDir(fsOf(fs, parent), parent, name, umask));
  return failed;
}

function copy(
  context: Context,
  layer: LayerName,
  keeps: ArgKinds['copyKeeps'],
  to: number,
): Failure | null {
  const { world } = context;
  const { fs, points } = world;
  const old = rootOf(context, layer);
  const goal = [...fs.mounts.values()].find(({ index }) => index === to);
  const isElsewhere = typeof layer === 'number' && old !== undefined && goal !== undefined;
  if (!isElsewhere || !isMovable(old.base, goal.base)) return copyBack(context, layer, keeps);
  context.rule('offline/replaced');
  const name = movedName(fs.now);
  const failed = copyTree(context, old, goal.root, name, keeps);
  settle(context, layer, goal.root.entries.get(name) ?? old);
  const path = `${mountPointOf(to)}/${name}`;
  world.points = { ...world.points, lowerPaths: points.lowerPaths.with(layer, path) };
  return failed;
}

/** Whether all that a layer on the one has can be put on the other. */
export function isMovable(from: BaseType, to: BaseType): boolean {
  return BASE_PROFILES[from].canBeUpper && BASE_PROFILES[to].canBeUpper;
}

/** What a lower layer is called that came from another file system. */
export function movedName(step: number): string {
  return `m${step}`;
}

function copyBack(
  context: Context,
  layer: LayerName,
  keeps: ArgKinds['copyKeeps'],
): Failure | null {
  const { fs } = context.world;
  const old = rootOf(context, layer);
  const parent = old?.parent;
  if (old === undefined || parent == null) return fail('ENOENT');
  if (isReadOnly(old)) return fail('EROFS');
  if (!losesNames(parent, old)) return fail('EPERM');
  context.rule('offline/replaced');
  const name = nameOf(parent, old);
  moveName(fs, parent, name, parent, awayName(name, fs.now));
  const failed = copyTree(context, old, parent, name, keeps);
  settle(context, layer, parent.entries.get(name) ?? old);
  return failed;
}

/** The letter says what it was. */
export function awayName(name: string, step: number): string {
  return `${name.slice(0, 1)}${AWAY_FROM + step}`;
}

function nameOf(parent: RealInode, inode: RealInode): string {
  for (const [name, child] of parent.entries) if (child === inode) return name;
  throw new Error('a layer that its directory does not have');
}

function settle({ world }: Context, layer: LayerName, root: RealInode): void {
  const { points } = world;
  if (layer === 'upper') world.points = { ...points, upper: root };
  else if (layer === 'work') world.points = { ...points, workdir: root };
  else if (typeof layer === 'number') {
    world.points = { ...points, lowers: points.lowers.with(layer, root) };
  } else world.points = { ...points, data: points.data.with(dataIndex(layer), root) };
}
