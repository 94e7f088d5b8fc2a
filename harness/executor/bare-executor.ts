import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '../process.ts';
import type { ProcessExit } from '../process.ts';
import { buildExecutor } from './build.ts';

const CHANNEL_FD = 3;
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
  const executor = await buildExecutor(CACHE, target);
  // One socket: of two, Node would drop what was said on one when the other breaks at the end.
  const script = `exec "$0" "$@" 0<&${CHANNEL_FD} 1>&${CHANNEL_FD} ${CHANNEL_FD}>&-`;
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = await start('sh', ['-c', script, executor, ...args], stdio);
  const channel = child.duplex(CHANNEL_FD);
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
