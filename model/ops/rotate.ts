import { makeDir } from '../build.ts';
import { BOUND } from '../flags.ts';
import type { MountPoints } from '../overlay/super.ts';
import type { World } from '../state.ts';
import { defineOp } from './op.ts';
import { mountAgain } from './remount.ts';

/**
 * Between unmount and mount the upper layer becomes the top most lower one, and the overlay goes on
 * with an upper layer and a work directory that are new. With many lower layers, or none above, it
 * stays as it is.
 */
export const rotate = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'mount',

  predict(context) {
    const { world } = context;
    const { lowers, hasUpper } = world.points;
    if (hasUpper && lowers.length < BOUND.rotatedLowers) {
      context.rule('rotate/upper-becomes-lower');
      world.points = rotated(world);
    }
    return mountAgain(context);
  },
});

function rotated({ fs, points, umask }: World): MountPoints {
  const turn = Number(points.upperPath.slice(1)) + 1;
  const [upperPath, workPath] = [`u${turn}`, `w${turn}`];
  return {
    ...points,
    lowers: [points.upper, ...points.lowers],
    lowerPaths: [points.upperPath, ...points.lowerPaths],
    upper: makeDir(fs, fs.root, upperPath, umask),
    upperPath,
    workdir: makeDir(fs, fs.root, workPath, umask),
    workPath,
  };
}
