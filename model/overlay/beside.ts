import { makeDir } from '../build.ts';
import type { Context } from '../ops/op.ts';
import type { Prediction } from '../prediction.ts';
import type { RealInode, World } from '../state.ts';
import { mountOverlay } from './super.ts';
import type { MountPoints, Mounted } from './super.ts';
import { isCleanUpKnown } from './work-dir.ts';

/**
 * Where an overlay that is mounted beside the first one keeps its changes. The names are like those
 * that rotations give, which do not get so far.
 */
export const BESIDE = { upper: 'u9', work: 'w9' } as const;

/** Which layers of the first overlay, still mounted, the other one takes for itself. */
export type Taken = 'upper' | 'work' | 'upper and work' | 'upper as lower';

/** The lower layers of the overlay with an upper layer and a work directory of their own. */
export function pointsBeside(
  { fs, points, umask }: World,
  names: { readonly upper: string; readonly work: string } = BESIDE,
): MountPoints {
  const madeOf = (name: string): RealInode =>
    fs.root.entries.get(name) ?? makeDir(fs, fs.root, name, umask);
  // Root of the machine mounts it, whoever mounts the other one.
  const { mounter: _, ...ofRoot } = points;
  return {
    ...ofRoot,
    ...{ hasUpper: true, upper: madeOf(names.upper), upperPath: names.upper },
    ...{ workdir: madeOf(names.work), workPath: names.work },
    inUse: new Set(points.hasUpper ? [points.upper, points.workdir] : []),
  };
}

/** The same, but for what is taken of the overlay that is mounted. */
export function pointsTaking({ points }: World, own: MountPoints, taken: Taken): MountPoints {
  const { upper, upperPath, workdir, workPath, lowers, lowerPaths } = points;
  switch (taken) {
    case 'upper':
      return { ...own, upper, upperPath };
    case 'work':
      return { ...own, workdir, workPath };
    case 'upper and work':
      return { ...own, upper, upperPath, workdir, workPath };
    case 'upper as lower':
      return {
        ...own,
        ...{ lowers: [upper, ...lowers], lowerPaths: [upperPath, ...lowerPaths] },
      };
  }
}

/** A mount besides that of the scenario, or between two of it. */
export function mountAnother(
  context: Context,
  points: MountPoints,
  options: string,
): Prediction<Mounted> {
  const { world } = context;
  const mounted = mountOverlay(world, points, options, context);
  // Some of what was in the work directory may be gone by now.
  if (!mounted.ok && !isCleanUpKnown(points.workdir, mounted)) world.isOrderOpen = true;
  return mounted;
}
