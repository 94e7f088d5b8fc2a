import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findStaleTemporaries, temporaryBeside } from '../atomic-file.ts';
import { HarnessError } from '../errors.ts';
import type { Qmp } from './qmp.ts';

/** A machine as it was when the executor had just said hello, in a file of the cache. */
export interface Snapshot {
  readonly path: string;
  readonly exists: boolean;
}

/** Loading waits for commands, so that nothing is missed of how it went. */
export const INCOMING_ARGS = ['-incoming', 'defer'];

/** A saved machine fits exactly the QEMU, the command line and the files it was made from. */
export async function findSnapshot(
  cacheDir: string,
  qemuIdentity: string,
  args: readonly string[],
  files: readonly string[],
): Promise<Snapshot> {
  const hash = createHash('sha256').update(JSON.stringify([qemuIdentity, args]));
  for (const file of files) hash.update(await readFile(file));
  const path = join(cacheDir, 'snapshots', hash.digest('hex').slice(0, 32));
  const found = await stat(path).catch(() => null);
  return { path, exists: found !== null };
}

/**
 * Saves a booted machine and lets it go on. A machine that cannot be saved still runs, so this
 * tells, and fails only when the machine is lost.
 */
export async function saveSnapshot({ path }: Snapshot, qmp: Qmp): Promise<boolean> {
  const temporary = temporaryBeside(path);
  await mkdir(join(path, '..'), { recursive: true });
  await qmp.command('stop');
  const isSaved = await migrate(qmp, 'migrate', `exec:cat > ${shellQuote(temporary)}`);
  await leaveMigration(qmp);
  await qmp.command('cont');
  if (!isSaved) {
    await rm(temporary, { force: true });
    return false;
  }
  await rename(temporary, path);
  await forgetOld(join(path, '..'));
  return true;
}

/** Loads a machine that was started with `INCOMING_ARGS`, and lets it go on. */
export async function loadSnapshot({ path }: Snapshot, qmp: Qmp): Promise<boolean> {
  if (!(await migrate(qmp, 'migrate-incoming', `exec:cat < ${shellQuote(path)}`))) return false;
  await qmp.command('cont');
  return true;
}

/**
 * QEMU tells that a migration has completed a moment before it can go on, and nothing tells when it
 * can. Its answers come from the loop that does it, so asking a few times is waiting for it.
 */
async function leaveMigration(qmp: Qmp): Promise<void> {
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const { status } = await qmp.command('query-status');
    if (status !== 'finish-migrate') return;
  }
}

/** Moves a machine's state; without the limit that spares a live guest's network. */
async function migrate(
  qmp: Qmp,
  command: 'migrate' | 'migrate-incoming',
  uri: string,
): Promise<boolean> {
  const events = [{ capability: 'events', state: true }];
  await qmp.command('migrate-set-capabilities', { capabilities: events });
  await qmp.command('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
  const ended = qmp.event(
    ({ event, data }) => event === 'MIGRATION' && ENDED.has(String(data['status'])),
  );
  // Whichever way the command fails, nobody is left to wait for its event.
  ended.catch(() => undefined);
  try {
    await qmp.command(command, { uri });
    return String((await ended).data['status']) === 'completed';
  } catch (error) {
    if (error instanceof HarnessError && error.reason === 'lost') return false;
    throw error;
  }
}

/** A saved machine is 60 to 90 MB, and every other kernel, executor or module makes another one. */
const SNAPSHOTS_MAX = 16;

/** Removes the machines that were saved first, and what killed processes left half written. */
async function forgetOld(folder: string): Promise<void> {
  const stale = await findStaleTemporaries(folder);
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.tmp'));
  const aged = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, mtimeMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  aged.sort((one, other) => other.mtimeMs - one.mtimeMs);
  const old = aged.slice(SNAPSHOTS_MAX).map(({ path }) => path);
  for (const path of [...stale, ...old]) await rm(path, { force: true });
}

const ASKED_MAX = 1000;

const ENDED = new Set(['completed', 'failed', 'cancelled']);

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
