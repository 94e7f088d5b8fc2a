import { writeBack } from '../memory.ts';
import { mountView } from '../mount.ts';
import type { MountView } from '../observation.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { isVolatile } from './file.ts';
import { dropCaches, usedDentries } from './evict.ts';
import { syncNames } from './sync.ts';

/** Changes whether the overlay is read-only, which is all that a remount can change. */
export function reconfigureOverlay(
  context: Context,
  access: 'ro' | 'rw',
  options: string,
): Prediction<MountView> {
  const { world, rule } = context;
  const { overlay, points } = world;
  const wasReadOnly = overlay.isReadOnly;
  dropCaches(context);
  overlay.isReadOnly = wasReadOnly;
  if (options !== '') rule('remount/options-ignored');
  const isReadOnly = access === 'ro';
  if (isReadOnly && !wasReadOnly && isInUse(context)) {
    rule('remount/busy');
    return fail('EBUSY');
  }
  if (!isReadOnly && overlay.upper === null) {
    rule('no-upper/read-only');
    return fail('EROFS');
  }
  rule(isReadOnly ? 'remount/read-only' : 'remount/writable');
  if (isReadOnly && !wasReadOnly && !isVolatile(overlay)) {
    writeBack(world, () => true);
    syncNames(world);
  }
  overlay.isReadOnly = isReadOnly;
  const view = mountView(overlay.config, { ...points, isOneFs: overlay.xinoBits === 0 }, context);
  return succeed({ ...view, layers: [access, ...view.layers.slice(1)] });
}

/** Something may still be written: to an open file, or when one without a name goes for good. */
function isInUse({ world }: Context): boolean {
  // What is mapped keeps its file open.
  if (world.maps.some((map) => map?.isOfWriter === true)) return true;
  const isWritten = world.slots.some((file) => {
    return file !== null && file.canWrite && !file.isPath && file.inode.type === 'file';
  });
  return isWritten || [...usedDentries(world)].some(({ inode }) => inode?.vfsNlink === 0);
}
