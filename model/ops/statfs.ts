import { profileOf } from '../bases.ts';
import { succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

export const statfs = defineOp({
  args: { path: 'path' },
  syscall: ['statfs', '$path', 'out:statfs'],
  result: 'statfs',

  predict(context, { path }) {
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    context.rule('statfs/own-type');
    const { upper, lowers, dataLayers } = context.world.overlay;
    const roots = [...(upper === null ? [] : [upper]), ...lowers, ...dataLayers];
    const all = roots.map((root) => profileOf(root).nameBytesMax);
    return succeed({ type: OVERLAYFS_SUPER_MAGIC, nameBytesMax: Math.max(...all) });
  },
});
