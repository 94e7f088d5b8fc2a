import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';

/** Whether flags of an entry forbid changes. */
export function protects(own: unknown): boolean {
  const protecting = ['FS_IMMUTABLE_FL', 'FS_APPEND_FL'];
  return Array.isArray(own) && protecting.some((flag) => own.includes(flag));
}

/** Without the flag of its format a file would be converted to another. */
export function saysItsFormat(made: { op: string; args: object }, base: BaseType): boolean {
  if (made.op !== 'setFlags' || !('flags' in made.args)) return true;
  const { flags: named } = made.args;
  return BASE_PROFILES[base].ownFlags.every((flag) => Array.isArray(named) && named.includes(flag));
}
