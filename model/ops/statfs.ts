import { profileOf } from '../bases.ts';
import { fsidOf } from '../overlay/uuid.ts';
import { succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

/** Beside it the same of the upper layer is asked for, or of the top most lower one. */
export const statfs = defineOp({
  args: { path: 'path' },
  syscall: 'recipe',
  result: 'statfs',

  predict(context, { path }) {
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    context.rule('statfs/own-type');
    const { overlay } = context.world;
    const { upper, lowers, dataLayers } = overlay;
    const roots = [...(upper === null ? [] : [upper]), ...lowers, ...dataLayers];
    const all = roots.map((root) => profileOf(root).nameBytesMax);
    const fsid = fsidOf(overlay, context.semantics);
    if (fsid === 'own') context.rule('statfs/own-fsid');
    if (fsid === 'none') context.rule('statfs/no-fsid');
    return succeed({
      type: OVERLAYFS_SUPER_MAGIC,
      nameBytesMax: Math.max(...all),
      fsid,
      counts: 'of the layer',
    });
  },
});
