import type { Connection } from './connect.ts';
import { AT_FDCWD, OPEN_FLAGS } from './constants.ts';
import { HarnessError } from './errors.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { ResultsReader } from './protocol/results.ts';

const TRACEFS = '/sys/kernel/tracing';
const FILTER = `${TRACEFS}/set_ftrace_filter`;
const SLOT = 0;
/** Its text comes a page at a time, a line of it never in two. */
const PAGE_BYTES = 4096;
const PAGES_MAX = 24;
/** Asked for at the end, of machines that may be broken. */
const READ_TIMEOUT_MS = 10_000;

/** Which functions of overlayfs a campaign ran, as plain data. */
export interface FunctionRecord {
  /** Those that the kernel can trace. */
  readonly offered: readonly string[];
  readonly ran: readonly string[];
}

/**
 * Functions of overlayfs that ran, on all machines of a campaign. The kernel's tracer counts: each
 * function has a probe that goes off once, so that it costs little afterwards, and nothing that
 * happens in between is lost. What is left is read at the end of the machine.
 */
export class FunctionTally {
  readonly #offered = new Set<string>();
  readonly #ran = new Set<string>();

  constructor(record: FunctionRecord | null = null) {
    for (const name of record?.offered ?? []) this.#offered.add(name);
    for (const name of record?.ran ?? []) this.#ran.add(name);
  }

  record(): FunctionRecord {
    return { offered: [...this.#offered].sort(), ran: [...this.#ran].sort() };
  }

  /** Sets the probes of a machine of ours; what it returns reads them, and never rejects. */
  async follow(connection: Pick<Connection, 'execute'>): Promise<() => Promise<void>> {
    const names = await functionsOf(connection);
    for (const name of names) this.#offered.add(withoutSuffix(name));
    await setProbes(connection, names);
    return async () => {
      const text = await beforeDeadline(readFilter(connection)).catch(() => '');
      for (const name of ranIn(text)) this.#ran.add(withoutSuffix(name));
    };
  }
}

/** Functions that the module of overlayfs offers to the tracer, as the kernel names them. */
async function functionsOf(connection: Pick<Connection, 'execute'>): Promise<readonly string[]> {
  const mounting = new ProgramBuilder();
  const [source, where, type] = ['tracefs', TRACEFS, 'tracefs'].map((text) => `${text}\0`);
  mounting.call('mount', [...[source, where, type].map((input = '') => ({ input })), 0, 0]);
  writeFilter(mounting, ':mod:overlay', OPEN_FLAGS.O_TRUNC);
  const results = new ResultsReader(await connection.execute(mounting.finish()));
  results.call();
  if (results.call().value < 0) {
    throw new HarnessError('unfit-kernel', '--trace-functions: this kernel has no function tracer');
  }
  const text = await readFilter(connection);
  const clearing = new ProgramBuilder();
  writeFilter(clearing, '', OPEN_FLAGS.O_TRUNC);
  await connection.execute(clearing.finish());
  const names = functionsIn(text);
  if (names.length > 0) return names;
  throw new HarnessError('unfit-kernel', '--trace-functions: overlayfs is no module here');
}

/** A probe for each would take a minute: what begins alike is given at once. */
const USUAL_PREFIX = 'ovl_';

async function setProbes(
  connection: Pick<Connection, 'execute'>,
  names: readonly string[],
): Promise<void> {
  const program = new ProgramBuilder();
  const others = names.filter((name) => !name.startsWith(USUAL_PREFIX));
  for (const name of [`${USUAL_PREFIX}*`, ...others]) {
    writeFilter(program, `${name}:stacktrace:1`, OPEN_FLAGS.O_APPEND);
  }
  const results = new ResultsReader(await connection.execute(program.finish()));
  results.call();
  if (results.call().value < 0) {
    throw new HarnessError('unfit-kernel', '--trace-functions: this kernel takes no probes');
  }
}

function writeFilter(program: ProgramBuilder, text: string, flag: number): void {
  program.call('openat', [AT_FDCWD, { input: `${FILTER}\0` }, OPEN_FLAGS.O_WRONLY | flag, 0], SLOT);
  program.call('write', [{ slot: SLOT }, { input: `${text}\n` }, text.length + 1]);
  program.close(SLOT);
}

async function readFilter(connection: Pick<Connection, 'execute'>): Promise<string> {
  const program = new ProgramBuilder();
  program.call('openat', [AT_FDCWD, { input: `${FILTER}\0` }, OPEN_FLAGS.O_RDONLY, 0], SLOT);
  for (let page = 0; page < PAGES_MAX; page++) {
    program.call('read', [{ slot: SLOT }, { output: PAGE_BYTES }, PAGE_BYTES]);
  }
  program.close(SLOT);
  const results = new ResultsReader(await connection.execute(program.finish()));
  results.call();
  const pages = Array.from({ length: PAGES_MAX }, () => results.call().outputs[0]);
  return pages.map((page) => page?.toString('latin1') ?? '').join('');
}

/** Lines such as `ovl_lookup [overlay]`. */
export function functionsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^([\w.]+)(?: \[\w+\])?$/.exec(line)?.[1] ?? []);
}

/** Lines such as `ovl_lookup [overlay]:stacktrace:count=0`: it goes off no more. */
export function ranIn(text: string): readonly string[] {
  const went = /^([\w.]+)(?: \[\w+\])?:stacktrace:count=0$/;
  return text.split('\n').flatMap((line) => went.exec(line)?.[1] ?? []);
}

/** Compilers cut functions into parts, another way on each kernel. */
export function withoutSuffix(name: string): string {
  return name.replace(/\..*$/, '');
}

async function beforeDeadline<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HarnessError('timeout', 'the tracer gave no answer'));
    }, READ_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
