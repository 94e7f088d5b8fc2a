import type { Step } from '../model/ops/index.ts';
import { BOUND } from '../model/flags.ts';
import {
  AT_FDCWD,
  deviceNumber,
  MODE_TYPES,
  MS_NOATIME,
  MS_NODEV,
  MS_REMOUNT,
} from './constants.ts';
import { GUEST, guestPath } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const MOUNT_FLAGS = MS_NOATIME | MS_NODEV;
const MOUNTINFO_BYTES = 16_384;
/** Slots behind those of scenarios. */
export const MOUNTINFO_SLOT = 60;
export const BUILD_SLOT = 61;

/** Where in a mount, seen from its end, the calls are that tell. A remount has them all. */
export const MOUNT_RECIPE = { instructions: 4, umount: -5, mount: -4, mountinfo: -2 } as const;

/** Mounts the overlay and reads what the kernel shows of it. */
export function mountRecipe(program: ProgramBuilder, data: string): void {
  const type = { input: 'overlay\0' };
  program.call('mount', [
    type,
    { input: `${GUEST.merged}\0` },
    type,
    MOUNT_FLAGS,
    { input: `${data}\0` },
  ]);
  program.call('openat', [AT_FDCWD, { input: '/proc/self/mountinfo\0' }, 0, 0], MOUNTINFO_SLOT);
  program.call('read', [{ slot: MOUNTINFO_SLOT }, { output: MOUNTINFO_BYTES }, MOUNTINFO_BYTES]);
  program.close(MOUNTINFO_SLOT);
}

/**
 * Operations that no single template describes. The result is that of the last call, but for a
 * mount, which the decoder knows how to read.
 */
export function runRecipe(program: ProgramBuilder, step: Step, mountData: string): void {
  switch (step.op) {
    case 'mknod': {
      const { path, mode, device } = step.args;
      program.call('mknodat', [
        AT_FDCWD,
        { input: `${guestPath(path)}\0` },
        MODE_TYPES[device.type] | mode,
        deviceNumber(device),
      ]);
      return;
    }
    case 'dropCaches':
      // Remounting shrinks the dentry cache of this one mount, whatever else the machine does.
      program.call('mount', [0, { input: `${GUEST.merged}\0` }, 0, MOUNT_FLAGS | MS_REMOUNT, 0]);
      return;
    case 'remount':
      for (let slot = 0; slot < BOUND.slots; slot++) program.close(slot);
      program.call('umount2', [{ input: `${GUEST.merged}\0` }, 0]);
      mountRecipe(program, mountData);
      return;
    default:
      throw new RangeError(`no recipe for ${step.op}`);
  }
}
