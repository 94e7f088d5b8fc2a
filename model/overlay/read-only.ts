import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { Overlay } from '../state.ts';

/** Without an upper layer there is nowhere to put a change. */
export function hasNoUpper({ upper }: Overlay): boolean {
  return upper === null;
}

/** The VFS asks before it looks at who calls and what for. */
export function whyReadOnly({ world, rule }: Context): Failure | null {
  const { overlay } = world;
  if (!overlay.isReadOnly) return null;
  if (overlay.config.isReadOnly) rule('mount/read-only');
  rule(hasNoUpper(overlay) ? 'no-upper/read-only' : 'remount/read-only');
  return fail('EROFS');
}
