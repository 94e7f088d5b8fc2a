import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { HarnessError } from '../errors.ts';

/** The longest that QEMU may take for what we ask: saving a machine to a slow disk. */
const REPLY_TIMEOUT_MS = 30_000;

type Fields = Readonly<Record<string, unknown>>;

export interface QmpEvent {
  readonly event: string;
  readonly data: Fields;
}

/** QEMU's control connection: commands one at a time, each answered or given up in time. */
export interface Qmp {
  readonly command: (execute: string, args?: Fields) => Promise<Fields>;
  /** The next event of a kind, from now on. */
  readonly event: (isWanted: (event: QmpEvent) => boolean) => Promise<QmpEvent>;
}

interface Waiting {
  readonly takes: (message: Fields) => boolean;
  readonly reply: PromiseWithResolvers<Fields>;
}

export async function connectQmp(socket: Duplex): Promise<Qmp> {
  const waiting: Waiting[] = [];
  const wait = async (what: string, takes: Waiting['takes']): Promise<Fields> => {
    const reply = Promise.withResolvers<Fields>();
    waiting.push({ takes, reply });
    const timer = setTimeout(() => {
      reply.reject(new HarnessError('timeout', `QEMU did not answer ${what}`));
    }, REPLY_TIMEOUT_MS);
    try {
      return await reply.promise;
    } finally {
      clearTimeout(timer);
    }
  };
  const reader = createInterface({ input: socket });
  reader.on('line', (line) => {
    const message = parseMessage(line);
    const index = waiting.findIndex(({ takes }) => takes(message));
    if (index >= 0) waiting.splice(index, 1)[0]?.reply.resolve(message);
  });
  const fail = (): void => {
    const error = new HarnessError('lost', 'QEMU closed its control connection');
    for (const { reply } of waiting.splice(0)) reply.reject(error);
  };
  reader.once('close', fail);
  // readline passes on the errors of what it reads.
  reader.on('error', fail);

  const command: Qmp['command'] = async (execute, args = {}) => {
    const answer = wait(execute, (message) => 'return' in message || 'error' in message);
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    const message = await answer;
    if (isFields(message['return'])) return message['return'];
    throw new HarnessError('lost', `QEMU refused ${execute}: ${JSON.stringify(message['error'])}`);
  };
  const event: Qmp['event'] = async (isWanted) =>
    asEvent(
      await wait('with an event', (message) => 'event' in message && isWanted(asEvent(message))),
    );
  await command('qmp_capabilities');
  return { command, event };
}

function asEvent({ event, data }: Fields): QmpEvent {
  return { event: String(event), data: isFields(data) ? data : {} };
}

/** QEMU talks JSON; anything else is not for us. */
function parseMessage(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
