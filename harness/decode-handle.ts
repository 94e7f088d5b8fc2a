import { ERRNO } from '../model/errno.ts';
import { sayRoom } from '../model/handle.ts';
import type { ObservedHandle } from '../model/observation.ts';
import { HANDLE_HEAD_BYTES, HANDLE_TYPE_AT } from './constants.ts';
import type { CallResult } from './protocol/results.ts';

/** struct file_handle. */
export function decodeHandle(buffer: Buffer): ObservedHandle {
  const bytes = buffer.readUInt32LE(0);
  const from = HANDLE_HEAD_BYTES;
  return {
    type: buffer.readInt32LE(HANDLE_TYPE_AT),
    bytes: buffer.toString('latin1', from, from + bytes),
  };
}

/** What name_to_handle_at(2) says of a handle that has no room: the head of its struct. */
export function toldOf(call: CallResult | undefined): { readonly told?: string } {
  const head = call?.outputs[0];
  if (call?.value !== -ERRNO.EOVERFLOW || head === undefined) return {};
  return { told: sayRoom(head.readUInt32LE(0), head.readInt32LE(HANDLE_TYPE_AT)) };
}
