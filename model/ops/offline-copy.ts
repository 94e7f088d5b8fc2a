import { editOffline } from '../offline/edit.ts';
import { findFree, findObject } from '../offline/find.ts';
import { copyTree } from '../offline/tree.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** cp(1) with -a within a layer, or with less than that. */
export const offlineCopy = defineOp({
  args: { layer: 'layer', from: 'path', to: 'path', keeps: 'copyKeeps' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, from, to, keeps }) {
    return editOffline(context, () => {
      const source = findObject(context, layer, from);
      if (!source.ok) return source;
      const free = findFree(context, layer, to);
      if (!free.ok) return free;
      const { dir, name } = free.value;
      return copyTree(context, source.value, dir, name, keeps) ?? succeed(null);
    });
  },
});
