import { BOUND } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import { SECOND } from '../model/overlay/second.ts';
import { AT_FDCWD, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { switchTable } from './failing-device.ts';
import { GUEST, guestPath } from './guest.ts';
import { makeDir, unmount } from './guest-calls.ts';
import { closeServed, nfsMountRecipe, openServed } from './nfs-recipes.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { mountCall } from './recipes.ts';
import type { Stack } from './stack.ts';

/** Slots of the executor for what is open beside the overlay. */
const OUTSIDE_SLOT = 20;

const FS_IOC_FIEMAP = 0xc020_660b;
const FIEMAP_FLAG_SYNC = 1;
const FIEMAP_BYTES = 32;

/** Devices that fail, and who else is told of it; false for all other steps. */
export function runFaultRecipe(program: ProgramBuilder, step: Step, stack: Stack): boolean {
  switch (step.op) {
    case 'failDevice':
      if (stack.setFailing(true)) {
        program.call('fsync', [{ slot: stack.device().slot }]);
        switchTable(program, stack.device(), true);
      }
      return true;
    case 'repairDevice':
      if (stack.setFailing(false)) switchTable(program, stack.device(), false);
      return true;
    case 'secondMount': {
      closeOutside(program);
      unmount(program, GUEST.second);
      for (const name of [SECOND.upper, SECOND.work]) makeDir(program, `${GUEST.layers}/${name}`);
      makeDir(program, GUEST.second);
      mountCall(program, stack.secondOf(step.args.options), GUEST.second);
      return true;
    }
    case 'outsideOpen': {
      const { outside, place, path, access } = step.args;
      if (place === 'nfs') openServed(stack, outside);
      const root = place === 'upper' ? stack.rootOf(place) : GUEST[place];
      const how = access === 'rw' ? OPEN_FLAGS.O_RDWR : OPEN_FLAGS.O_RDONLY;
      const flags = how | OPEN_FLAGS.O_NOFOLLOW | OPEN_FLAGS_ALWAYS;
      const name = { input: `${guestPath(path, root)}\0` };
      program.call('openat', [AT_FDCWD, name, flags, 0], OUTSIDE_SLOT + outside);
      return true;
    }
    case 'outsideRead': {
      const { outside, size, offset } = step.args;
      program.call('pread64', [{ slot: OUTSIDE_SLOT + outside }, { output: size }, size, offset]);
      return true;
    }
    case 'outsideClose':
      program.close(OUTSIDE_SLOT + step.args.outside);
      closeServed(stack, step.args.outside);
      return true;
    case 'nfsMount':
      nfsMountRecipe(program, step.args.version);
      stack.served = { version: step.args.version, outsides: new Set(), isClosing: false };
      return true;
    case 'outsideWrite': {
      const { outside, bytes, offset } = step.args;
      const file = { slot: OUTSIDE_SLOT + outside };
      program.call('pwrite64', [file, { input: bytes }, bytes.length, offset]);
      return true;
    }
    case 'sync':
      program.call('sync', []);
      return true;
    case 'outsideSync': {
      const { outside, how } = step.args;
      const file = { slot: OUTSIDE_SLOT + outside };
      if (how !== 'FIEMAP') program.call(how, [file]);
      else program.call('ioctl', [file, FS_IOC_FIEMAP, { inout: wholeFile() }]);
      return true;
    }
    default:
      return false;
  }
}

export function closeOutside(program: ProgramBuilder): void {
  for (let slot = 0; slot < BOUND.slots; slot++) program.close(OUTSIDE_SLOT + slot);
}

/** struct fiemap: no extent is asked for, so that none comes back. */
function wholeFile(): Buffer {
  const fiemap = Buffer.alloc(FIEMAP_BYTES);
  fiemap.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 8);
  fiemap.writeUInt32LE(FIEMAP_FLAG_SYNC, 16);
  return fiemap;
}
