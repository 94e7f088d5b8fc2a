import { OPS } from './ops/index.ts';
import type { OpName } from './ops/index.ts';
import { REMOUNTS } from './ops/op.ts';

/** Steps that mount beside. */
const BESIDE: ReadonlySet<OpName> = new Set<OpName>(['mountBeside', 'strictRead', 'secondMount']);

/**
 * Whether there is room again before a step. A mount makes directories, and tries what the file
 * system can do: one that finds no room goes on with fewer features, or for reading only.
 */
export function needsRoom(op: OpName): boolean {
  return REMOUNTS.has(OPS[op].result) || BESIDE.has(op);
}
