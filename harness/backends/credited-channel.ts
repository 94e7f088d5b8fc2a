import { Duplex } from 'node:stream';
import type { Readable } from 'node:stream';

export interface Credit {
  /** How much may be on its way before the other side has read some of it. */
  readonly windowBytes: number;
  /** How much each byte on the credit line grants. */
  readonly grantBytes: number;
}

/**
 * A channel that never has more on its way than the other side can take. Reading passes through;
 * what is written waits until the credit line grants it.
 */
export function limitWrites(channel: Duplex, grants: Readable, credit: Credit): Duplex {
  let available = credit.windowBytes;
  let rest: Buffer | null = null;
  let done: ((error?: Error | null) => void) | null = null;

  const send = (): void => {
    while (rest !== null && rest.length > 0 && available > 0) {
      const part = rest.subarray(0, available);
      available -= part.length;
      rest = rest.subarray(part.length);
      channel.write(part);
    }
    if (rest?.length !== 0) return;
    rest = null;
    const written = done;
    done = null;
    written?.();
  };
  const limited = new Duplex({
    read() {
      channel.resume();
    },
    write(chunk: Buffer, _encoding, callback) {
      rest = chunk;
      done = callback;
      send();
    },
    final(callback) {
      channel.end(callback);
    },
    destroy(error, callback) {
      channel.destroy();
      callback(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (!limited.push(chunk)) channel.pause();
  });
  channel.once('end', () => limited.push(null));
  channel.once('close', () => limited.destroy());
  channel.on('error', (error) => limited.destroy(error));
  grants.on('data', (chunk: Buffer) => {
    available += chunk.length * credit.grantBytes;
    send();
  });
  grants.on('error', (error) => limited.destroy(error));
  grants.resume();
  return limited;
}
