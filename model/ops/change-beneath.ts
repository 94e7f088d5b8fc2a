import { letGo } from '../open-file.ts';
import { makeOnLayer } from '../offline/make.ts';
import { removeFromLayer } from '../offline/remove.ts';
import { fail, sayOutcome, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { mkdir } from './mkdir.ts';
import { mknod } from './mknod.ts';
import { defineOp } from './op.ts';
import type { ArgKinds, Context } from './op.ts';
import { mountAgain } from './remount.ts';
import { rename } from './rename.ts';
import { stat } from './stat.ts';
import { unlink } from './unlink.ts';

/** What both sides make, and where a name is moved. */
export const BENEATH_MODE = 0o600;
export const BENEATH_NAME = 'beneath';

/**
 * A name of the upper layer is changed while the overlay is mounted and knows what it was: then
 * what the overlay does with it must fail, or go well, and break nothing. All else that it might
 * show is undefined, so it is mounted anew at once. The result is how the change and the call went.
 */
export const changeBeneath = defineOp({
  args: { path: 'path', change: 'beneathChange', call: 'beneathCall' },
  syscall: 'recipe',
  result: 'beneath',

  predict(context, { path, change, call }) {
    letGo(context.world);
    stat.predict(context, { path, flags: ['AT_SYMLINK_NOFOLLOW'] });
    const changed = predictChange(context, path, change);
    if (changed.ok) context.rule('offline/beneath-a-mount');
    const called = predictCall(context, path, call);
    const mounted = mountAgain(context);
    return mounted.ok ? succeed(`${sayOutcome(changed)}, ${sayOutcome(called)}`) : mounted;
  },
});

function predictChange(
  context: Context,
  path: string,
  change: ArgKinds['beneathChange'],
): Prediction<unknown> {
  if (change === 'mkfifo') {
    return makeOnLayer(context, 'upper', path, { type: 'fifo', mode: BENEATH_MODE });
  }
  return removeFromLayer(context, 'upper', path, {
    ofRoot: fail('EISDIR'),
    whyNot: ({ type }) => (type === 'dir' ? fail('EISDIR') : null),
  });
}

function predictCall(
  context: Context,
  path: string,
  call: ArgKinds['beneathCall'],
): Prediction<unknown> {
  const mode = BENEATH_MODE;
  switch (call) {
    case 'unlink':
      return unlink.predict(context, { path });
    case 'mkdir':
      return mkdir.predict(context, { path, mode });
    case 'mkfifo':
      return mknod.predict(context, { path, mode, device: { type: 'fifo', major: 0, minor: 0 } });
    case 'rename':
      return rename.predict(context, { from: path, to: beneathPath(path), flags: [] });
  }
}

/** Where a name goes that is renamed: to one beside it. */
export function beneathPath(path: string): string {
  return [...path.split('/').slice(0, -1), BENEATH_NAME].join('/');
}
