import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '../process.ts';
import type { ProcessExit } from '../process.ts';
import { buildExecutor } from './build.ts';

const CACHE = `${import.meta.dirname}/../../ci/cache`;

/** An executor on this host with no machine around it, for tests of the executor itself. */
export interface BareExecutor extends AsyncDisposable {
  readonly channel: Duplex;
  /** All that it says on its standard error, once it has ended. */
  readonly said: Promise<string>;
  readonly exited: Promise<ProcessExit>;
  readonly kill: () => void;
}

export async function startBareExecutor(
  args: readonly string[],
  target: 'executor' | 'executor-asan' = 'executor',
): Promise<BareExecutor> {
  const child = await start(await buildExecutor(CACHE, target), args, ['pipe', 'pipe', 'pipe']);
  const channel = Duplex.from({ readable: child.readable(1), writable: child.writable(0) });
  // One that ends while it is written to is told by `exited`.
  channel.on('error', () => undefined);
  return {
    channel,
    said: text(child.readable(2)),
    exited: child.exited,
    kill: child.kill,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
