import { editOffline } from '../offline/edit.ts';
import { findSpot, rootOf } from '../offline/find.ts';
import { removeNames, removeTree } from '../offline/tree.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** rm(1) with -r. Of the root of a layer all goes that is in it. */
export const offlineRemoveTree = defineOp({
  args: { layer: 'layer', path: 'path' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, path }) {
    return editOffline(context, () => {
      const found = findSpot(context, layer, path);
      if (!found.ok) return found;
      if (found.value === null) {
        const root = rootOf(context, layer);
        return (root === undefined ? null : removeNames(context, root)) ?? fail('EINVAL');
      }
      const { dir, name } = found.value;
      return removeTree(context, dir, name) ?? succeed(null);
    });
  },
});
