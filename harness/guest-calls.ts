import { BOUND } from '../model/flags.ts';
import { AT_FDCWD, MS_NOATIME, MS_NODEV } from './constants.ts';
import { MAP_BYTES, mapAddress } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** Every mount of ours: looking must not stamp, and device nodes of layers lead nowhere. */
export const MOUNT_FLAGS = MS_NOATIME | MS_NODEV;
const DIR_MODE = 0o755;

export function makeDir(program: ProgramBuilder, path: string): void {
  program.call('mkdirat', [AT_FDCWD, { input: `${path}\0` }, DIR_MODE]);
}

export function unmount(program: ProgramBuilder, where: string, flags = 0): void {
  program.call('umount2', [{ input: `${where}\0` }, flags]);
}

/** Takes away whatever a scenario mapped: it keeps a mount busy. */
export function unmapAll(program: ProgramBuilder): void {
  program.call('munmap', [mapAddress(0), BOUND.maps * MAP_BYTES]);
}
