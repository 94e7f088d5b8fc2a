import { writeContent } from '../content.ts';
import { editOffline } from '../offline/edit.ts';
import { makeOnLayer } from '../offline/make.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineCreate = defineOp({
  args: { layer: 'layer', path: 'path', mode: 'mode', bytes: 'bytes' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, path, mode, bytes }) {
    return editOffline(context, () => {
      const made = makeOnLayer(context, layer, path, { type: 'file', mode });
      if (!made.ok) return made;
      writeContent(made.value, 0, bytes);
      return succeed(null);
    });
  },
});
