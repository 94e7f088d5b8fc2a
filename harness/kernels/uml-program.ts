import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { copyLibrary, LOADER, SYSTEM_LOADER } from './c-library.ts';

/** Where the loader has its search path from. */
const SYSTEM_LIBRARIES = '/lib64:/lib';
const OWN_LOADER = `./${LOADER}`;
const OWN_LIBRARIES = '$ORIGIN';

/**
 * Makes a UML program run with the C library beside it, since the one of this machine may be too
 * old for it. It has to be started in its own folder: its loader is named by a relative path, so
 * that the folder can be moved. Calling the loader with the program as an argument will not do:
 * UML takes all from its own end to the heap for memory, and the heap would be the loader's.
 */
export function withOwnLibrary(program: Buffer): Buffer {
  const libraries = findText(program, SYSTEM_LIBRARIES);
  // Programs before 6.1 have no search path. Any C library of today is new enough for them.
  if (libraries === null) return program;
  const loader = findText(program, SYSTEM_LOADER);
  if (loader === null) throw new HarnessError('archive', 'a UML program does not name its loader');
  const changed = Buffer.from(program);
  replaceText(changed, loader, SYSTEM_LOADER, OWN_LOADER);
  replaceText(changed, libraries, SYSTEM_LIBRARIES, OWN_LIBRARIES);
  return changed;
}

/** Where the program's own tables have a text: there it is whole, and ends with a NUL. */
function findText(program: Buffer, text: string): number | null {
  const at = program.indexOf(`\0${text}\0`, 0, 'latin1');
  return at < 0 ? null : at + 1;
}

function replaceText(program: Buffer, at: number, from: string, to: string): void {
  program.fill(0, at, at + from.length);
  program.write(to, at, 'latin1');
}

/** Puts a UML program and an unpacked C library into a folder, each as the other needs it. */
export async function keepUml(program: string, unpacked: string, folder: string): Promise<void> {
  await copyLibrary(unpacked, folder);
  await writeFile(join(folder, 'image'), withOwnLibrary(await readFile(program)), { mode: 0o755 });
}
