import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

/** Of a log without end, the last lines are the ones that tell. */
const LINES_MAX = 4096;
const LINE_LENGTH_MAX = 4096;

export interface ConsoleLog {
  /** Every line that is kept, then those to come, until the console closes. */
  readonly lines: AsyncIterable<string>;
  /** The last lines so far. */
  readonly tail: (count: number) => readonly string[];
  /** Resolves when the console has closed. */
  readonly closed: Promise<void>;
}

/** Keeps what a machine and its program print, and shows each line to `onLine` as it comes. */
export function readConsole(
  sources: readonly Readable[],
  onLine: (line: string) => void,
): ConsoleLog {
  const kept: string[] = [];
  let dropped = 0;
  let isClosed = false;
  let changed = Promise.withResolvers<undefined>();
  const closed = Promise.withResolvers<undefined>();
  const tell = (): void => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  const take = (text: string): void => {
    const line = printable(text).slice(0, LINE_LENGTH_MAX);
    kept.push(line);
    if (kept.length > LINES_MAX) {
      kept.shift();
      dropped += 1;
    }
    onLine(line);
    tell();
  };
  void Promise.all(sources.map((source) => readLines(source, take))).then(() => {
    isClosed = true;
    tell();
    closed.resolve(undefined);
  });

  async function* lines(): AsyncGenerator<string> {
    for (let next = 0; ;) {
      next = Math.max(next, dropped);
      const line = kept[next - dropped];
      if (line !== undefined) {
        next += 1;
        yield line;
      } else if (isClosed) {
        return;
      } else {
        await changed.promise;
      }
    }
  }
  return {
    lines: { [Symbol.asyncIterator]: lines },
    tail: (count) => kept.slice(-count),
    closed: closed.promise,
  };
}

/** Resolves at the end of a stream, or when it breaks: why, its process will tell. */
function readLines(source: Readable, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const reader = createInterface({ input: source, crlfDelay: Infinity });
    reader.on('line', onLine);
    reader.once('close', resolve);
    reader.on('error', () => {
      reader.close();
    });
  });
}

/** The firmware clears the screen and moves the cursor on the same serial line. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replaceAll(/\u001b(?:\[[0-9;?]*[a-zA-Z]|c)|[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}
