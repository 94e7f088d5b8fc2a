import { editOffline } from '../offline/edit.ts';
import { findObject } from '../offline/find.ts';
import { chownTree } from '../offline/tree.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** chown(1) with -R. */
export const offlineChownTree = defineOp({
  args: { layer: 'layer', path: 'path', uid: 'owner', gid: 'owner' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, path, uid, gid }) {
    return editOffline(context, () => {
      const found = findObject(context, layer, path);
      if (!found.ok) return found;
      return chownTree(context, found.value, uid, gid) ?? succeed(null);
    });
  },
});
