import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { BOUND } from '../model/flags.ts';

/** Whether flags of an entry forbid changes. */
export function protects(own: unknown): boolean {
  const protecting = ['FS_IMMUTABLE_FL', 'FS_APPEND_FL'];
  return Array.isArray(own) && protecting.some((flag) => own.includes(flag));
}

interface MadeEntry {
  readonly type: string;
  readonly size?: number | undefined;
  readonly pieces?: readonly { readonly at: number }[] | undefined;
  readonly verity?: true | undefined;
}

/** Images are written with their holes, and fs-verity reads them: there files must be short. */
export function areCheap(entries: readonly MadeEntry[], base: BaseType): boolean {
  return entries.every(({ size = 0, pieces = [], verity }) => {
    const isWritten = BASE_PROFILES[base].canBeUpper && verity === undefined;
    return isWritten || Math.max(size, ...pieces.map(({ at }) => at)) <= BOUND.fileBytes;
  });
}

/** Without the flag of its format a file would be converted to another. */
export function saysItsFormat(made: { op: string; args: object }, base: BaseType): boolean {
  if (made.op !== 'setFlags' || !('flags' in made.args)) return true;
  const { flags: named } = made.args;
  return BASE_PROFILES[base].ownFlags.every((flag) => Array.isArray(named) && named.includes(flag));
}
