import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { HarnessError } from './errors.ts';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const RUN_TIMEOUT_MS = 60_000;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** A file to write the standard output to, byte for byte. */
  readonly stdoutFile?: string;
}

export interface RunResult {
  /** 128 + signal for a process that a signal ended, as a shell has it; 127 when there is none. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Rejects only when it takes too long or is told to stop. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? RUN_TIMEOUT_MS;
  const result = await execa(command, [...args], {
    reject: false,
    stdin: 'ignore',
    killDescendants: true,
    forceKillAfterDelay: 500,
    timeout: timeoutMs,
    maxBuffer: OUTPUT_BYTES_MAX,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.stdoutFile === undefined ? {} : { stdout: { file: options.stdoutFile } }),
  });
  if (result.timedOut) {
    throw new HarnessError('timeout', `${command} did not end within ${timeoutMs} ms`);
  }
  if (result.isCanceled) throw new HarnessError('aborted', `${command} was told to stop`);
  const missing = result.code === 'ENOENT' || result.code === 'EACCES';
  return {
    exitCode: result.exitCode ?? (missing ? 127 : 128),
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: missing ? `${command}: ${result.code ?? ''}` : result.stderr,
  };
}

/** Runs a command that has to succeed. */
export async function runChecked(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').slice(-5).join('; ');
  throw new HarnessError('unavailable', `${command} failed with ${result.exitCode}: ${said}`);
}

/** Runs a command that has to succeed, for the bytes that it prints. */
export async function runBytes(command: string, args: readonly string[]): Promise<Buffer> {
  const result = await execa(command, [...args], {
    reject: false,
    stdin: 'ignore',
    encoding: 'buffer',
    stripFinalNewline: false,
    timeout: RUN_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (result.exitCode === 0) return Buffer.from(result.stdout);
  const said = Buffer.from(result.stderr).toString().trim();
  throw new HarnessError('unavailable', `${command} failed: ${said || result.code}`);
}

/** Where a long-lived process gets a descriptor from: nowhere, or a pipe to us. */
export type Descriptor = 'ignore' | 'pipe';
export type Stdio = readonly [Descriptor, Descriptor, Descriptor, ...Descriptor[]];

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours that lives until it is disposed, and not longer than we do. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** The parent's end of a piped descriptor: a socket, so both ways for numbers above 2. */
  readonly readable: (descriptor: number) => Readable;
  readonly writable: (descriptor: number) => Writable;
  readonly duplex: (descriptor: number) => Duplex;
  /** Ends the process and its group at once. */
  readonly kill: () => void;
}

/**
 * Starts a process in a process group of its own, so that a Ctrl-C of the terminal reaches us and
 * not it. The kernel kills it when we die, however we die: `setpriv` asks for that, as Node cannot.
 */
export async function start(
  command: string,
  args: readonly string[],
  stdio: Stdio,
  { env = {}, cwd }: Pick<RunOptions, 'env' | 'cwd'> = {},
): Promise<RunningProcess> {
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
    reject: false,
    buffer: false,
    detached: true,
    env,
    stdio,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const spawned: ChildProcess = child.nodeChildProcess;
  // execa lets a stream flow away that nobody reads by the next turn of the loop.
  for (const stream of spawned.stdio) if (stream != null && 'pause' in stream) stream.pause();
  const exited = new Promise<ProcessExit>((resolve) => {
    spawned.once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
    spawned.once('error', () => {
      resolve({ exitCode: null, signal: null });
    });
  });
  const pid = spawned.pid;
  if (pid === undefined) {
    const { code } = await child;
    throw new HarnessError('unavailable', `cannot start setpriv for ${command}: ${code ?? ''}`);
  }
  const kill = (): void => {
    killGroup(pid);
  };
  return {
    pid,
    exited,
    kill,
    // Node gives a net.Socket for every piped descriptor; its types know only Readable | Writable.
    readable: (descriptor) => spawned.stdio[descriptor] as Readable,
    writable: (descriptor) => spawned.stdio[descriptor] as Writable,
    duplex: (descriptor) => spawned.stdio[descriptor] as Duplex,
    async [Symbol.asyncDispose]() {
      kill();
      await exited;
    },
  };
}

/** The program that a command name stands for, or null when there is none. */
export async function findOnPath(command: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const path = join(folder, command);
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return realpath(path);
  }
  return null;
}

/** Kills a process group. One that is gone is what we wanted. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody is left in the group.
  }
}

/** When a process started, in clock ticks since boot; null when it has ended or never was. */
export function startTimeOf(pid: number): string | null {
  try {
    // The name in parentheses may hold anything, so fields are counted from the last parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; who should look after it is not our business.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
