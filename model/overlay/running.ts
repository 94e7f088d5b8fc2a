import type { Context } from '../ops/op.ts';
import type { OvlDentry, OvlInode, RealInode } from '../state.ts';
import { topOf } from './inode.ts';

/** A program that was started and never goes on. */
export interface Program {
  readonly slot: number;
  readonly dentry: OvlDentry;
  readonly inode: OvlInode;
  readonly real: RealInode;
}

/**
 * Whether nobody may write to a file, as it is a program that runs. Where the program guards its
 * real file alone, a copy of that is free.
 */
export function isRunning({ world: { program }, semantics }: Context, inode: OvlInode): boolean {
  if (program === null) return false;
  const { runningProgram } = semantics.behaviour;
  if (runningProgram === 'guards its real file') return program.real === topOf(inode);
  return program.inode === inode;
}
