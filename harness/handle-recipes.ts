import type { OpenFlag } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import { AT_FDCWD, AT_FLAGS, flagBits, HANDLE_BYTES_MAX, HANDLE_FLAGS } from './constants.ts';
import { HANDLE_HEAD_BYTES, HANDLE_TYPE_AT, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { GUEST, guestPath } from './guest.ts';
import type { ProgramBuilder, WireArg } from './protocol/program.ts';
import { dropCaches } from './recipes.ts';

type HandleStep = Extract<
  Step,
  { op: 'encodeHandle' | 'encodeFdHandle' | 'openHandle' | 'openHandleCold' | 'openMadeHandle' }
>;

/** Operations on file handles, which stay in the guest between the calls. */
export function runHandleRecipe(program: ProgramBuilder, step: HandleStep): void {
  switch (step.op) {
    case 'encodeHandle': {
      const { path, handle, size, flags } = step.args;
      const input = { input: `${guestPath(path)}\0` };
      encodeHandle(program, [AT_FDCWD, input], handle, size, flagBits(HANDLE_FLAGS, flags));
      return;
    }
    case 'encodeFdHandle': {
      const { fd, handle, size, flags } = step.args;
      const bits = AT_FLAGS.AT_EMPTY_PATH | flagBits(HANDLE_FLAGS, flags);
      encodeHandle(program, [{ slot: fd }, { input: '\0' }], handle, size, bits);
      return;
    }
    case 'openHandle': {
      const { slot, handle, damage, flags } = step.args;
      const flips = Buffer.alloc(damage === 'none' ? 0 : damage.byte + 1);
      if (damage !== 'none') flips.writeUInt8(damage.flip, damage.byte);
      openHandle(program, slot, { kept: handle, flips }, flags);
      return;
    }
    case 'openHandleCold': {
      const { slot, handle, flags } = step.args;
      dropCaches(program);
      openHandle(program, slot, { kept: handle, flips: Buffer.alloc(0) }, flags);
      return;
    }
    case 'openMadeHandle': {
      const { slot, handleType, body, flags } = step.args;
      const head = Buffer.alloc(HANDLE_HEAD_BYTES);
      head.writeUInt32LE(body.length);
      head.writeInt32LE(handleType, HANDLE_TYPE_AT);
      openHandle(program, slot, { input: head.toString('latin1') + body }, flags);
      return;
    }
  }
}

/** name_to_handle_at(2) with room for so many bytes of handle; the mount id is not asked for. */
function encodeHandle(
  program: ProgramBuilder,
  object: readonly WireArg[],
  handle: number,
  size: number,
  flags: number,
): void {
  const bytes = Buffer.alloc(HANDLE_HEAD_BYTES + HANDLE_BYTES_MAX);
  bytes.writeUInt32LE(size);
  const mountId = { struct: 8 };
  program.call('name_to_handle_at', [...object, { keep: handle, bytes }, mountId, flags]);
}

/** open_by_handle_at(2). The mount is known by the working directory, which a dump sets back. */
function openHandle(
  program: ProgramBuilder,
  slot: number,
  handle: WireArg,
  flags: readonly OpenFlag[],
): void {
  const bits = flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS;
  program.call('chdir', [{ input: `${GUEST.merged}\0` }]);
  program.call('open_by_handle_at', [AT_FDCWD, handle, bits], slot);
}
