import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { writeFrame } from './protocol/frames.ts';
import { bytesOf, FRAME, offsetsOf, STRUCTS } from './protocol/protocol.ts';

const HEADER_BYTES = 16;
const PING = offsetsOf(STRUCTS.ping);
/** A hello is a hash and a release: anything longer is not one. */
const HELLO_BYTES_MAX = 4096;

/**
 * Waits until the executor has said hello, and puts the hello back, so that whoever speaks the
 * protocol finds it as the first frame. Resolves to false when the channel ends before.
 */
export function awaitHello(channel: Duplex): Promise<boolean> {
  // Of a channel that was closed before, no event tells.
  if (channel.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const stop = (said: boolean): void => {
      channel.off('readable', look);
      channel.off('close', end);
      channel.off('end', end);
      channel.off('error', end);
      if (said) channel.unshift(seen);
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
  const isHello = seen.readUInt32LE(0) === FRAME.hello && payloadBytes <= HELLO_BYTES_MAX;
  return isHello ? HEADER_BYTES + payloadBytes : HEADER_BYTES;
}

/**
 * Asks a restored machine for a fresh hello. Two machines restored from one file have the same
 * random numbers ahead and the same stopped clock: the ping brings entropy and the time.
 */
export function sendPing(channel: Duplex, nowMs: number): void {
  const payload = Buffer.alloc(bytesOf(STRUCTS.ping));
  randomBytes(PING.realtime_ns).copy(payload);
  payload.writeBigUInt64LE(BigInt(nowMs) * 1_000_000n, PING.realtime_ns);
  writeFrame(channel, FRAME.ping, 0, payload);
}
