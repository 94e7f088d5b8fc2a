import type { OpName } from '../model/ops/index.ts';

/** Operations that properties of their own draw, and no other. */
export const OWN_OPS: ReadonlySet<OpName> = new Set<OpName>([
  ...(['crash', 'sync', 'failDevice', 'repairDevice', 'secondMount', 'mountWith'] as const),
  ...(['outsideOpen', 'outsideWrite', 'outsideSync'] as const),
  ...(['outsideRead', 'outsideClose', 'nfsMount'] as const),
]);
