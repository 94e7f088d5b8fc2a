import { createHash } from 'node:crypto';
import { cp, glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryBeside } from '../atomic-file.ts';
import { HarnessError, withRoomFor } from '../errors.ts';
import { run, runChecked } from '../process.ts';
import { mutate } from './edits.ts';
import type { Sources } from './edits.ts';
import type { Mutant } from './record.ts';
import type { ModuleSource } from './source.ts';

/** A built overlay.ko, and what makes it another one. */
export interface BuiltModule {
  readonly path: string;
  readonly key: string;
}

/** Builds the overlayfs of one kernel, as it is or with a bug in it. */
export interface ModuleBuilder {
  readonly sources: Sources;
  readonly unmodified: BuiltModule;
  build(mutant: Mutant): Promise<BuiltModule>;
}

const BUILD_TIMEOUT_MS = 300_000;
/** Stands for the folder that is built in, where commands of the first build are kept. */
const HERE = '@HERE@';
const COMMANDS = 'commands.json';
/** What the kernel's own build system calls this machine, and exports to its tools. */
const SRCARCH = process.arch === 'x64' ? 'x86' : process.arch;
const MODULE = 'overlay.ko';

/**
 * Builds the unmodified module with the kernel's own build system, and keeps its objects and the
 * commands that made them: a mutant then takes the compiler a second for the file it changes.
 */
export async function prepareBuilder(
  source: ModuleSource,
  cacheDir: string,
): Promise<ModuleBuilder> {
  const sources = await readSources(source.sourceDir);
  const compiler = await runChecked('gcc', ['-dumpfullversion']);
  const key = keyOf([source.version, source.release, source.headersDir, compiler], sources);
  const base = join(cacheDir, 'mutants', key);
  if (!(await isThere(join(base, MODULE)))) {
    await inFreshFolder(base, (work) => buildUnmodified(source, work));
  }
  return {
    sources,
    unmodified: { path: join(base, MODULE), key },
    async build(mutant) {
      const changed = mutate(mutant, sources);
      const mutantKey = moduleKey(key, changed);
      const folder = join(cacheDir, 'mutants', mutantKey);
      const path = join(folder, MODULE);
      if (!(await isThere(path))) {
        await inFreshFolder(folder, (work) => buildMutant({ source, base, changed, mutant }, work));
      }
      return { path, key: mutantKey };
    },
  };
}

/** Names a module by all that it is made of. */
export function moduleKey(unmodified: string, changed: Sources): string {
  return keyOf([unmodified], changed);
}

function keyOf(parts: readonly string[], sources: Sources): string {
  const files = [...sources].sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([parts, files]))
    .digest('hex')
    .slice(0, 32);
}

async function readSources(folder: string): Promise<Sources> {
  const sources = new Map<string, string>();
  for await (const path of glob(join(folder, '*.[ch]'))) {
    sources.set(basename(path), await readFile(path, 'utf8'));
  }
  return sources;
}

/** The folder is there whole or not at all; whoever comes second has made the same. */
async function inFreshFolder(
  folder: string,
  build: (work: string) => Promise<void>,
): Promise<void> {
  const work = temporaryBeside(folder);
  try {
    await withRoomFor('a module', async () => {
      await mkdir(work, { recursive: true });
      await build(work);
      await rename(work, folder).catch(() => undefined);
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildUnmodified(source: ModuleSource, work: string): Promise<void> {
  await cp(source.sourceDir, work, { recursive: true });
  const { exitCode, stderr } = await make(source, work);
  if (exitCode !== 0)
    throw new HarnessError('unavailable', `cannot build overlayfs: ${said(stderr)}`);
  const commands: Record<string, string> = {};
  for await (const path of glob(join(work, '.*.o.cmd'))) {
    await keepCommand(commands, path, work);
  }
  await keepCommand(commands, join(work, '.overlay.ko.cmd'), work);
  await writeFile(join(work, COMMANDS), JSON.stringify(commands));
}

/** A make file of kbuild's, whose first line says how something was made. */
async function keepCommand(
  commands: Record<string, string>,
  path: string,
  work: string,
): Promise<void> {
  const command = /^(?:saved)?cmd_\S+ := (.*)$/m.exec(await readFile(path, 'utf8'))?.[1];
  if (command === undefined) throw new HarnessError('trouble', `no command in ${basename(path)}`);
  const asRun = command.replaceAll('$(pound)', '#').replaceAll('$$', '$');
  commands[basename(path, '.cmd').slice(1)] = asRun.replaceAll(work, HERE);
}

/**
 * What is not asked of the tools here: how functions are aligned is told older compilers in another
 * way, and types for BPF take a tool that nobody needs to run a module.
 */
const WITHOUT = ['CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=', 'CONFIG_DEBUG_INFO_BTF_MODULES='];

/**
 * Without debug information, which only makes machines larger. What is in the folder above is found
 * from that of the source.
 */
function make({ headersDir, sourceDir }: ModuleSource, work: string) {
  const args = ['-s', '-C', headersDir, `M=${work}`, 'CONFIG_OVERLAY_FS=m', ...WITHOUT];
  const flags = `KCFLAGS=-g0 -I${sourceDir}`;
  return run('make', [...args, flags, 'CC=gcc', 'modules'], { timeoutMs: BUILD_TIMEOUT_MS });
}

interface Job {
  readonly source: ModuleSource;
  readonly base: string;
  readonly changed: Sources;
  readonly mutant: Mutant;
}

async function buildMutant(job: Job, work: string): Promise<void> {
  const { source, base, changed, mutant } = job;
  const fail = (stderr: string): never => {
    throw new HarnessError('bad-input', `mutant ${mutant.id} does not build: ${said(stderr)}`);
  };
  for (const pattern of ['*.[cho]', '.module-common.o', 'Makefile']) {
    for await (const path of glob(join(base, pattern))) {
      await cp(path, join(work, basename(path)));
    }
  }
  for (const [name, text] of changed) await writeFile(join(work, name), text);
  // Written by ourselves, in one piece.
  const commands = JSON.parse(await readFile(join(base, COMMANDS), 'utf8')) as Record<
    string,
    string
  >;
  const objects = Object.keys(commands).filter((name) => /^(?!overlay\.|\.).*\.o$/.test(name));
  await writeFile(join(work, 'overlay.mod'), `${objectsIn(work, objects).join('\n')}\n`);
  const hasHeader = [...changed.keys()].some((name) => name.endsWith('.h'));
  const stale = objects.filter((name) => hasHeader || changed.has(name.replace(/o$/, 'c')));
  for (const name of [...stale, 'overlay.o', MODULE]) {
    const command = commands[name] ?? '';
    const { exitCode, stderr } = await run('sh', ['-c', command.replaceAll(HERE, work)], {
      // Since 6.13 a module is built in its own folder, and nothing names that.
      cwd: command.includes(HERE) ? source.headersDir : work,
      env: { SRCARCH },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (exitCode !== 0) fail(stderr);
  }
  if (await importsMore(join(work, MODULE), join(base, MODULE))) {
    // Versions of what is imported are in a file of their own, which kbuild makes.
    const { exitCode, stderr } = await make(source, work);
    if (exitCode !== 0) fail(stderr);
  }
  for await (const path of glob(
    join(work, '{.*.cmd,.*.d,.*.o,*.o,*.[ch],*.mod,M*,modules.order}'),
  )) {
    await rm(path, { recursive: true });
  }
}

function objectsIn(folder: string, objects: readonly string[]): readonly string[] {
  return objects.map((name) => join(folder, name));
}

async function importsMore(path: string, than: string): Promise<boolean> {
  const [now, before] = await Promise.all(
    [path, than].map(async (file) => (await runChecked('nm', ['-u', file])).split('\n')),
  );
  return now?.some((symbol) => before?.includes(symbol) !== true) ?? false;
}

function said(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const errors = lines.filter((line) => /error/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, 3).join('; ');
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
