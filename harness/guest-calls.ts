import { BOUND } from '../model/flags.ts';
import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { AT_FDCWD, MS_NOATIME, MS_NODEV, MS_RDONLY, MS_SILENT } from './constants.ts';
import type { Device } from './devices.ts';
import { MAP_BYTES, mapAddress } from './guest.ts';
import type { ProgramBuilder, WireArg } from './protocol/program.ts';

/** Every mount of ours: looking must not stamp, and device nodes of layers lead nowhere. */
export const MOUNT_FLAGS = MS_NOATIME | MS_NODEV;
/** Of a tmpfs that a scenario begins with. */
export const BASE_BYTES = 0x400_0000;
const DIR_MODE = 0o755;

export function makeDir(program: ProgramBuilder, path: string): void {
  program.call('mkdirat', [AT_FDCWD, { input: `${path}\0` }, DIR_MODE]);
}

export function unmount(program: ProgramBuilder, where: string, flags = 0): void {
  program.call('umount2', [{ input: `${where}\0` }, flags]);
}

/**
 * Another machine on this kernel may have an xfs of the same uuid mounted; and it reserves no
 * blocks beyond those that are written, which would show until it gives them back.
 */
const MOUNT_DATA: Readonly<Partial<Record<BaseType, WireArg>>> = {
  xfs: { input: 'nouuid,allocsize=4096\0' },
};

/** A device that fails would fail to be flushed as well, which is no error of any file. */
const FAILING_MOUNT_DATA: typeof MOUNT_DATA = { ...MOUNT_DATA, ext4: { input: 'barrier=0\0' } };

/** Mounts the file system that a device has. */
export function mountBase(
  program: ProgramBuilder,
  { path, image, failing }: Device,
  where: string,
): void {
  const { type } = image;
  const flags = MOUNT_FLAGS | MS_SILENT | (BASE_PROFILES[type].isReadOnly ? MS_RDONLY : 0);
  const from = { input: `${path}\0` };
  const data = (failing === undefined ? MOUNT_DATA : FAILING_MOUNT_DATA)[type] ?? 0;
  program.call('mount', [from, { input: `${where}\0` }, { input: `${type}\0` }, flags, data]);
}

/** Takes away whatever a scenario mapped: it keeps a mount busy. */
export function unmapAll(program: ProgramBuilder): void {
  program.call('munmap', [mapAddress(0), BOUND.maps * MAP_BYTES]);
}
