import { rm, stat } from 'node:fs/promises';
import { killGroup } from './process.ts';
import { isAlive, listScratchFolders } from './scratch.ts';
import type { ProcessId, ScratchRecord } from './scratch.ts';

/** A folder without an owner may be one that is being made right now. */
const NEWBORN_MS = 60_000;

/** What a run that was killed left behind: a scratch folder, and processes that still live. */
export interface Leftover {
  readonly path: string;
  readonly processes: readonly ProcessId[];
}

export async function findLeftovers(): Promise<readonly Leftover[]> {
  const records = await listScratchFolders();
  const abandoned = await Promise.all(records.map(isAbandoned));
  return records
    .filter((_, index) => abandoned[index] === true)
    .map(({ path, processes }) => ({ path, processes: processes.filter(isAlive) }));
}

async function isAbandoned({ path, owner }: ScratchRecord): Promise<boolean> {
  if (owner !== null) return !isAlive(owner);
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > NEWBORN_MS;
}

export async function removeLeftovers(leftovers: readonly Leftover[]): Promise<void> {
  for (const { path, processes } of leftovers) {
    // A number may have a new owner by now, so the start time is looked at again.
    for (const id of processes.filter(isAlive)) killGroup(id.pid);
    await rm(path, { recursive: true, force: true });
  }
}
