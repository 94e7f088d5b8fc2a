import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { Overlay } from '../state.ts';

/** Without an upper layer there is nowhere to put a change. */
export function isReadOnly({ upper }: Overlay): boolean {
  return upper === null;
}

/** The VFS asks before it looks at who calls and what for. */
export function whyReadOnly({ world, rule }: Context): Failure | null {
  if (!isReadOnly(world.overlay)) return null;
  rule('no-upper/read-only');
  return fail('EROFS');
}
