import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { HarnessError } from './errors.ts';
import { PROTOCOL_HASH } from './protocol/c-header.ts';
import { pack } from './protocol/pack.ts';
import { readFrames, writeFrame } from './protocol/frames.ts';
import type { Frame } from './protocol/frames.ts';
import { bytesOf, FRAME, offsetsOf, STRUCTS } from './protocol/protocol.ts';

const PING = offsetsOf(STRUCTS.ping);
const PING_BYTES = bytesOf(STRUCTS.ping);
const HELLO = offsetsOf(STRUCTS.hello);
const HELLO_BYTES = bytesOf(STRUCTS.hello);
const HASH_BYTES = PROTOCOL_HASH.length;
/** Programs take milliseconds. One that takes so long hangs, and the machine with it. */
const PROGRAM_TIMEOUT_MS = 60_000;

/** A connection to an executor: programs go in order, several at a time, results come back. */
export interface Connection {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  /** From the executor's start to its hello: of a boot, what is not the kernel's own. */
  readonly setUpMs: number;
  /** Runs a program; the payload of its results. Rejects only with a HarnessError. */
  execute(program: Buffer): Promise<Buffer>;
  /** Another handshake, with fresh entropy and the time: for a machine that was restored. */
  ping(options: { readonly setsClock: boolean }): Promise<void>;
}

/** Frames out and their answers back, told apart by tags. */
interface Exchange {
  /** Sends a frame; its answer. */
  readonly send: (type: number, payload: Buffer) => Promise<Frame>;
  /** Waits for a frame that was not asked for. */
  readonly expect: (tag: number) => Promise<Frame>;
  /** Rejects all that is pending, and all that comes later. */
  readonly breakOff: (error: HarnessError) => void;
}

interface Pending {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: HarnessError) => void;
}

/**
 * Shakes hands over a channel and serves it. Everything pending is rejected as `lost` when the
 * channel ends, and as `timeout` when an answer is late: whatever comes then has lost its place. A
 * restored machine has said hello before: it is asked to say it again.
 */
export async function connect(
  channel: Duplex,
  {
    timeoutMs,
    isRestored = false,
    setsClock = false,
    packsPrograms = false,
    programTimeoutMs = PROGRAM_TIMEOUT_MS,
  }: {
    /** For the handshake. */
    readonly timeoutMs: number;
    readonly isRestored?: boolean;
    readonly setsClock?: boolean;
    /** Where what is sent is slower than what is done with it. */
    readonly packsPrograms?: boolean;
    /** From the moment that all before it are answered, as they are run one after the other. */
    readonly programTimeoutMs?: number;
  },
): Promise<Connection> {
  const { send, expect, breakOff } = openExchange(channel, programTimeoutMs);
  const timer = setTimeout(() => {
    breakOff(new HarnessError('boot-timeout', `no handshake within ${timeoutMs} ms`));
  }, timeoutMs);
  const greeting = isRestored ? send(FRAME.ping, pingPayload(setsClock)) : expect(0);
  const { release, setUpMs } = checkHello(
    await greeting.finally(() => {
      clearTimeout(timer);
    }),
  );

  return {
    release,
    setUpMs,
    async execute(program) {
      const { type, payload } = packsPrograms
        ? await send(FRAME.packed, pack(program))
        : await send(FRAME.program, program);
      if (type === FRAME.results) return payload;
      throw new HarnessError('wrong-protocol', `the executor refused a program: ${whyOf(payload)}`);
    },
    async ping({ setsClock: sets }) {
      checkHello(await send(FRAME.ping, pingPayload(sets)));
    },
  };
}

function openExchange(channel: Duplex, answerTimeoutMs: number): Exchange {
  const pending = new Map<number, Pending>();
  let nextTag = 1;
  let broken: HarnessError | null = null;
  let deadline: NodeJS.Timeout | undefined;

  const breakOff = (error: HarnessError): void => {
    clearTimeout(deadline);
    broken ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const watch = (): void => {
    clearTimeout(deadline);
    if (pending.size === 0) return;
    deadline = setTimeout(() => {
      breakOff(new HarnessError('timeout', `no answer within ${answerTimeoutMs} ms`));
    }, answerTimeoutMs);
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
    if (pending.size === 1) watch();
    return answer;
  };

  readFrames(
    channel,
    (frame) => {
      const waiting = pending.get(frame.tag);
      pending.delete(frame.tag);
      watch();
      waiting?.resolve(frame);
    },
    (why) => {
      breakOff(new HarnessError('wrong-protocol', `the executor sent ${why}`));
    },
  );
  channel.once('error', (error: Error) => {
    breakOff(new HarnessError('lost', `the channel broke: ${error.message}`, { cause: error }));
  });
  for (const event of ['end', 'close']) {
    channel.once(event, () => {
      breakOff(new HarnessError('lost', 'the executor closed its channel'));
    });
  }
  if (channel.destroyed) breakOff(new HarnessError('lost', 'the channel was closed before'));
  return { send, expect, breakOff };
}

function pingPayload(setsClock: boolean): Buffer {
  const payload = Buffer.alloc(PING_BYTES);
  randomBytes(PING.realtime_ns).copy(payload);
  const nowNs = setsClock ? BigInt(Date.now()) * 1_000_000n : 0n;
  payload.writeBigUInt64LE(nowNs, PING.realtime_ns);
  return payload;
}

function checkHello({ type, payload }: Frame): Pick<Connection, 'release' | 'setUpMs'> {
  const hash = payload.toString('latin1', 0, HASH_BYTES);
  if (type !== FRAME.hello || hash !== PROTOCOL_HASH) {
    throw new HarnessError('wrong-protocol', 'the executor speaks another version of the protocol');
  }
  const sinceStartNs = payload.readBigUInt64LE(HASH_BYTES + HELLO.since_start_ns);
  return {
    release: cString(payload, HASH_BYTES + HELLO_BYTES),
    setUpMs: Number(sinceStartNs) / 1e6,
  };
}

function whyOf(payload: Buffer): string {
  return `${cString(payload, 4)} at byte ${payload.readUInt32LE(0)}`;
}

function cString(buffer: Buffer, from: number): string {
  const end = buffer.indexOf(0, from);
  return buffer.toString('latin1', from, end < 0 ? buffer.length : end);
}
