import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';

const HEADER_BYTES = 16;
const HELLO = 1;
const PING = 5;
/** A hello is a hash and a release: anything longer is not one. */
const HELLO_BYTES_MAX = 4096;
const PING_BYTES = 24;

/**
 * Waits until the executor has said hello, and puts the hello back, so that whoever speaks the
 * protocol finds it as the first frame. Resolves to false when the channel ends before.
 */
export function awaitHello(channel: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const stop = (said: boolean): void => {
      channel.off('readable', look);
      channel.off('close', end);
      channel.off('end', end);
      channel.off('error', end);
      if (seen.length > 0 && !channel.destroyed) channel.unshift(seen);
      resolve(said);
    };
    const end = (): void => {
      stop(false);
    };
    const look = (): void => {
      // read() without an encoding gives buffers; null when there is nothing more for now.
      for (let part = channel.read() as Buffer | null; part !== null;) {
        seen = Buffer.concat([seen, part]);
        part = channel.read() as Buffer | null;
      }
      // Something that is no hello is for the protocol's reader to complain about.
      if (seen.length >= helloBytes(seen)) stop(true);
    };
    channel.on('readable', look);
    channel.once('close', end);
    channel.once('end', end);
    channel.once('error', end);
  });
}

function helloBytes(seen: Buffer): number {
  if (seen.length < HEADER_BYTES) return HEADER_BYTES;
  const payloadBytes = seen.readUInt32LE(4);
  const isHello = seen.readUInt32LE(0) === HELLO && payloadBytes <= HELLO_BYTES_MAX;
  return isHello ? HEADER_BYTES + payloadBytes : HEADER_BYTES;
}

/**
 * Asks a restored machine for a fresh hello. Two machines restored from one file have the same
 * random numbers ahead and the same stopped clock: the ping brings entropy and the time.
 */
export function sendPing(channel: Duplex, nowMs: number): void {
  const frame = Buffer.alloc(HEADER_BYTES + PING_BYTES);
  frame.writeUInt32LE(PING, 0);
  frame.writeUInt32LE(PING_BYTES, 4);
  randomBytes(16).copy(frame, HEADER_BYTES);
  frame.writeBigUInt64LE(BigInt(nowMs) * 1_000_000n, HEADER_BYTES + 16);
  channel.write(frame);
}
