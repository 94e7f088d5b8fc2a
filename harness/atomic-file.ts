import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTimeOf } from './process.ts';

const TEMPORARY = /\.(\d+)-[0-9a-f]{8}\.tmp$/;

/** A name beside `path` that no other process uses: on the same file system, so rename works. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/** What processes that are gone were in the middle of writing into a folder. */
export async function findStaleTemporaries(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => {
      const pid = TEMPORARY.exec(name)?.[1];
      return pid !== undefined && startTimeOf(Number(pid)) === null;
    })
    .map((name) => join(folder, name));
}

/** Readers see the whole file or none, whenever we are killed. */
export async function writeFileAtomically(path: string, content: string | Buffer): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
