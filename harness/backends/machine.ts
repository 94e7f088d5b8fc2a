import type { Duplex } from 'node:stream';
import type { Machine, MachineExit } from '../backend.ts';
import { readConsole } from '../console.ts';
import type { ConsoleLog } from '../console.ts';
import { HarnessError } from '../errors.ts';
import { awaitHello } from '../hello.ts';
import { watchForTrouble } from '../kernel-trouble.ts';
import { start } from '../process.ts';
import type { RunningProcess, Stdio } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';
import { limitWrites } from './credited-channel.ts';
import type { Credit } from './credited-channel.ts';

const LOG_LINES_IN_ERRORS = 25;

/** A process that runs a kernel, from its start on: perhaps booting, perhaps gone. */
export interface Guest {
  readonly process: RunningProcess;
  readonly channel: Duplex;
  readonly log: ConsoleLog;
  readonly exited: Promise<MachineExit>;
  /** Ends it, and waits until it has ended and its console is read. */
  readonly dispose: () => Promise<void>;
}

/** What to start, and which of its descriptors are what. */
export interface GuestProgram {
  readonly command: string;
  readonly args: (scratchPath: string) => readonly string[];
  readonly stdio: Stdio;
  /** The folder that it is started in, where that matters. */
  readonly cwd?: string;
  /** What is added to its environment. */
  readonly env?: (scratchPath: string) => Promise<Readonly<Record<string, string>>>;
  readonly channelFd: number;
  readonly consoleFds: readonly number[];
  /** For a channel on which nothing may be sent before there is room for it. */
  readonly credit?: Credit & { readonly grantsFd: number };
}

/** Starts a program that runs a kernel, with a scratch folder that goes when it goes. */
export async function startGuest(program: GuestProgram): Promise<Guest> {
  const scratch = await makeScratchFolder();
  const cleanUp = async (): Promise<void> => scratch[Symbol.asyncDispose]();
  try {
    const process = await start(program.command, program.args(scratch.path), program.stdio, {
      env: (await program.env?.(scratch.path)) ?? {},
      ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
    });
    // Before anything else is waited for: of a process that ends, what nobody reads is lost.
    const guest = supervise(process, program, cleanUp);
    await scratch.noteProcess(process.pid);
    return guest;
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/**
 * Watches over a process that runs a kernel. Trouble in the kernel log ends it: what a kernel says
 * after its first complaint is worth nothing.
 */
function supervise(
  process: RunningProcess,
  { channelFd, consoleFds, credit }: GuestProgram,
  cleanUp: () => Promise<void>,
): Guest {
  const socket = process.duplex(channelFd);
  const channel =
    credit === undefined ? socket : limitWrites(socket, process.readable(credit.grantsFd), credit);
  const consoles = consoleFds.map((descriptor) => process.readable(descriptor));
  const exit = Promise.withResolvers<MachineExit>();
  const watch = watchForTrouble(({ kind, report }) => {
    exit.resolve({ reason: kind, report });
    process.kill();
  });
  const log = readConsole(consoles, watch.onLine);
  // A guest that dies resets its sockets; that it died is told by `exited`.
  channel.on('error', () => undefined);

  const ended = Promise.all([process.exited, log.closed]).then(async ([{ exitCode, signal }]) => {
    watch.onEnd();
    const how = signal === null ? `ended with status ${exitCode ?? '?'}` : `was ended by ${signal}`;
    const last = log.tail(LOG_LINES_IN_ERRORS).join('\n');
    exit.resolve({ reason: 'lost', detail: `the machine ${how}; its last words:\n${last}` });
    channel.destroy();
    await cleanUp();
  });
  return {
    process,
    channel,
    log,
    exited: exit.promise,
    async dispose() {
      exit.resolve({ reason: 'disposed' });
      process.kill();
      await ended;
    },
  };
}

/** Waits for the executor's hello. A kernel that dies or is late, or that we give up, is ended. */
export async function awaitBoot(
  guest: Guest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await raceBoot(guest, timeoutMs, signal);
  } catch (error) {
    await guest.dispose();
    throw error;
  }
}

async function raceBoot(guest: Guest, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = Promise.withResolvers<'late' | 'aborted'>();
  const onDeadline = (): void => {
    stop.resolve('late');
  };
  const onAbort = (): void => {
    stop.resolve('aborted');
  };
  deadline.addEventListener('abort', onDeadline);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  try {
    const hello = awaitHello(guest.channel).then((said) => (said ? 'hello' : 'silent'));
    const outcome = await Promise.race([hello, stop.promise]);
    if (outcome === 'hello') return;
    if (outcome === 'aborted') throw new HarnessError('aborted', 'the boot was told to stop');
    if (outcome === 'late')
      throw bootError('boot-timeout', `said no hello in ${timeoutMs} ms`, guest);
    await Promise.race([guest.exited, stop.promise]);
    throw bootError('boot-failed', 'ended before the executor said hello', guest);
  } finally {
    deadline.removeEventListener('abort', onDeadline);
    signal?.removeEventListener('abort', onAbort);
  }
}

function bootError(
  reason: 'boot-timeout' | 'boot-failed',
  what: string,
  guest: Guest,
): HarnessError {
  const last = guest.log.tail(LOG_LINES_IN_ERRORS).join('\n');
  return new HarnessError(reason, `the kernel ${what}; its last words:\n${last}`);
}

export function machineOf(
  guest: Guest,
  about: Pick<Machine, 'backend' | 'how' | 'bootMs' | 'packsPrograms'>,
): Machine {
  return {
    ...about,
    channel: guest.channel,
    console: guest.log.lines,
    exited: guest.exited,
    [Symbol.asyncDispose]: () => guest.dispose(),
  };
}
