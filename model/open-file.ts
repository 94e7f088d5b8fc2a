import { openErrors } from './faults.ts';
import { fail, succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { OpenFile, World } from './state.ts';

/** The open file in a slot, or EBADF. */
export function openFileOf({ slots }: World, fd: number): Prediction<OpenFile> {
  const file = slots[fd];
  return file == null ? fail('EBADF') : succeed(file);
}

/** Puts an open file in a slot and closes what was there. */
export function installFile(world: World, slot: number, file: OpenFile): void {
  if (world.fs.faults !== null) file.errors = openErrors(world, file);
  replaceFile(world, slot, file);
}

export function closeSlot(world: World, slot: number): void {
  replaceFile(world, slot, null);
}

/** Nothing is open, mapped or running any more. */
export function letGo(world: World): void {
  for (const slot of world.slots.keys()) closeSlot(world, slot);
  world.maps.fill(null);
  world.program = null;
}

/** The new one is open before the old one is closed. */
function replaceFile(world: World, slot: number, by: OpenFile | null): void {
  const file = world.slots[slot];
  world.slots[slot] = by;
  if (world.program?.slot === slot) world.program = null;
  if (file == null) return;
  // What is in a fifo is gone with the last that has it open.
  if (!world.slots.some((other) => other?.inode === file.inode)) file.inode.pipe = '';
}
