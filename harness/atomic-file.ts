import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/** A name beside `path` that no other process uses: on the same file system, so rename works. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
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
