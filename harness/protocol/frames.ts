import type { Duplex } from 'node:stream';
import { bytesOf, LIMIT, offsetsOf, STRUCTS } from './protocol.ts';

const HEADER = offsetsOf(STRUCTS.header);
const HEADER_BYTES = bytesOf(STRUCTS.header);

export interface Frame {
  readonly type: number;
  readonly tag: number;
  readonly payload: Buffer;
}

export function writeFrame(channel: Duplex, type: number, tag: number, payload: Buffer): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(type, HEADER.type);
  header.writeUInt32LE(payload.length, HEADER.bytes);
  header.writeUInt32LE(tag, HEADER.tag);
  channel.cork();
  channel.write(header);
  channel.write(payload);
  channel.uncork();
}

/**
 * Cuts a stream into frames and hands each on as it is complete. `onBroken` gets what is no frame;
 * nothing is read after it.
 */
export function readFrames(
  channel: Duplex,
  onFrame: (frame: Frame) => void,
  onBroken: (why: string) => void,
): void {
  const chunks: Buffer[] = [];
  let have = 0;
  let isBroken = false;
  /** Bytes of the frame at the front, header included; 0 while its header is incomplete. */
  let need = 0;

  channel.on('data', (chunk: Buffer) => {
    if (isBroken) return;
    chunks.push(chunk);
    have += chunk.length;
    while (have >= (need === 0 ? HEADER_BYTES : need)) {
      if (need === 0) {
        const bytes = joined(HEADER_BYTES).readUInt32LE(HEADER.bytes);
        if (bytes > LIMIT.frameBytes) {
          isBroken = true;
          onBroken(`a frame of ${bytes} bytes`);
          return;
        }
        need = HEADER_BYTES + bytes;
        continue;
      }
      const whole = joined(need);
      take(need);
      need = 0;
      onFrame({
        type: whole.readUInt32LE(HEADER.type),
        tag: whole.readUInt32LE(HEADER.tag),
        payload: whole.subarray(HEADER_BYTES),
      });
    }
  });

  // A process of ours starts with its streams paused, which a listener does not change.
  channel.resume();

  /** The first bytes as one buffer; joins chunks only when a frame spans several. */
  function joined(bytes: number): Buffer {
    const [first] = chunks;
    if (first !== undefined && first.length >= bytes) return first.subarray(0, bytes);
    const all = Buffer.concat(chunks);
    chunks.length = 0;
    chunks.push(all);
    return all.subarray(0, bytes);
  }

  function take(bytes: number): void {
    const [first] = chunks;
    if (first === undefined) return;
    have -= bytes;
    if (first.length === bytes) chunks.shift();
    else chunks[0] = first.subarray(bytes);
  }
}
