import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { HarnessError } from './errors.ts';
import { PROTOCOL_HASH } from './protocol/c-header.ts';
import { readFrames, writeFrame } from './protocol/frames.ts';
import type { Frame } from './protocol/frames.ts';
import { bytesOf, FRAME, offsetsOf, STRUCTS } from './protocol/protocol.ts';

const PING = offsetsOf(STRUCTS.ping);
const PING_BYTES = bytesOf(STRUCTS.ping);
const HASH_BYTES = PROTOCOL_HASH.length;

/** A connection to an executor: programs go in order, several at a time, results come back. */
export interface Connection {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  /** Runs a program; the payload of its results. */
  execute(program: Buffer): Promise<Buffer>;
  /** Another handshake, with fresh entropy and the time: for a machine that was restored. */
  ping(options: { readonly setsClock: boolean }): Promise<void>;
}

interface Pending {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: HarnessError) => void;
}

/**
 * Shakes hands over a channel and serves it. Everything pending is rejected as `lost` when the
 * channel ends. A restored machine has said hello before: it is asked to say it again.
 */
export async function connect(
  channel: Duplex,
  {
    timeoutMs,
    isRestored = false,
    setsClock = false,
  }: {
    readonly timeoutMs: number;
    readonly isRestored?: boolean;
    readonly setsClock?: boolean;
  },
): Promise<Connection> {
  const pending = new Map<number, Pending>();
  let nextTag = 1;
  let broken: HarnessError | null = null;

  const breakOff = (error: HarnessError): void => {
    broken ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const expect = (tag: number): Promise<Frame> =>
    new Promise((resolve, reject) => {
      if (broken === null) pending.set(tag, { resolve, reject });
      else reject(broken);
    });
  const send = (type: number, payload: Buffer): Promise<Frame> => {
    const tag = nextTag++;
    const answer = expect(tag);
    if (broken === null) writeFrame(channel, type, tag, payload);
    return answer;
  };

  const greeting = isRestored ? null : expect(0);
  readFrames(
    channel,
    (frame) => {
      const waiting = pending.get(frame.tag);
      pending.delete(frame.tag);
      waiting?.resolve(frame);
    },
    (why) => {
      breakOff(new HarnessError('wrong-protocol', `the executor sent ${why}`));
    },
  );
  whenLost(channel, breakOff);

  const timer = setTimeout(() => {
    breakOff(new HarnessError('boot-timeout', `no handshake within ${timeoutMs} ms`));
  }, timeoutMs);
  const hello = await (greeting ?? send(FRAME.ping, pingPayload(setsClock)));
  clearTimeout(timer);
  const release = checkHello(hello);

  return {
    release,
    async execute(program) {
      const { type, payload } = await send(FRAME.program, program);
      if (type === FRAME.results) return payload;
      throw new HarnessError('wrong-protocol', `the executor refused a program: ${whyOf(payload)}`);
    },
    async ping({ setsClock: sets }) {
      checkHello(await send(FRAME.ping, pingPayload(sets)));
    },
  };
}

function whenLost(channel: Duplex, breakOff: (error: HarnessError) => void): void {
  channel.once('error', (error: Error) => {
    breakOff(new HarnessError('lost', `the channel broke: ${error.message}`, { cause: error }));
  });
  for (const event of ['close', 'end'] as const) {
    channel.once(event, () => {
      breakOff(new HarnessError('lost', 'the executor closed its channel'));
    });
  }
}

function pingPayload(setsClock: boolean): Buffer {
  const payload = Buffer.alloc(PING_BYTES);
  randomBytes(PING.realtime_ns).copy(payload);
  const nowNs = setsClock ? BigInt(Date.now()) * 1_000_000n : 0n;
  payload.writeBigUInt64LE(nowNs, PING.realtime_ns);
  return payload;
}

function checkHello({ type, payload }: Frame): string {
  const hash = payload.toString('latin1', 0, HASH_BYTES);
  if (type !== FRAME.hello || hash !== PROTOCOL_HASH) {
    throw new HarnessError('wrong-protocol', 'the executor speaks another version of the protocol');
  }
  return cString(payload, HASH_BYTES);
}

function whyOf(payload: Buffer): string {
  return `${cString(payload, 4)} at byte ${payload.readUInt32LE(0)}`;
}

function cString(buffer: Buffer, from: number): string {
  const end = buffer.indexOf(0, from);
  return buffer.toString('latin1', from, end < 0 ? buffer.length : end);
}
