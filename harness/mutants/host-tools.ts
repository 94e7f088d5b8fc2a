import { chmod, glob, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { HarnessError } from '../errors.ts';
import type { Archive } from '../kernels/archive.ts';
import { copyLibrary, libraryFor, LIBRARY_PACKAGE, LOADER } from '../kernels/c-library.ts';
import { compareVersions } from '../kernels/versions.ts';
import { runChecked } from '../process.ts';

/** Tools of a kernel's build system, which run on the machine that builds. */

/** How a program names the versions of the C library that it needs. */
const NEEDED = /\0GLIBC_(2\.\d+)(?=\0)/g;
const ELF = '\x7fELF';
const EXECUTABLE = 0o755;

/** Gives a C library to the tools that this machine's is too old for, and nothing to others. */
export async function letToolsRun(archive: Archive, folder: string, work: string): Promise<void> {
  const own = /\d[\d.]*/.exec(await runChecked('getconf', ['GNU_LIBC_VERSION']))?.[0] ?? '';
  const tools = await toolsNewerThan(own, folder);
  const least = newest(tools.map(({ needs }) => needs));
  if (least === null) return;
  const library = libraryFor(await archive.packages(new RegExp(`^${LIBRARY_PACKAGE}$`)), least);
  if (library === undefined) {
    const names = tools.map(({ path }) => basename(path)).join(', ');
    const why = `${names} of this kernel's headers need a C library of ${least}`;
    throw new HarnessError('archive', `${why}: this machine has ${own}, the archive none`);
  }
  const packed = join(work, LIBRARY_PACKAGE);
  const unpacked = join(packed, 'unpacked');
  await mkdir(packed);
  await archive.download([library], packed);
  for await (const deb of glob(join(packed, '*.deb'))) {
    await runChecked('dpkg-deb', ['-x', deb, unpacked]);
  }
  const libraries = join(folder, LIBRARY_PACKAGE);
  await copyLibrary(unpacked, libraries);
  for (const { path } of tools) {
    await rename(path, `${path}.program`);
    await writeFile(path, scriptFor(relative(dirname(path), libraries)));
    await chmod(path, EXECUTABLE);
  }
}

interface Tool {
  readonly path: string;
  readonly needs: string;
}

async function toolsNewerThan(own: string, folder: string): Promise<readonly Tool[]> {
  const tools: Tool[] = [];
  for await (const entry of glob(join(folder, 'usr/lib/linux-kbuild-*/**'), {
    withFileTypes: true,
  })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path, 'latin1');
    if (!bytes.startsWith(ELF)) continue;
    const needs = newest([...bytes.matchAll(NEEDED)].map(([, version = '']) => version));
    if (needs !== null && compareVersions(needs, own) > 0) tools.push({ path, needs });
  }
  return tools;
}

function newest(versions: readonly string[]): string | null {
  return versions.toSorted(compareVersions).at(-1) ?? null;
}

/** The program finds what is beside it by the name that it is called by. */
function scriptFor(libraries: string): string {
  return [
    '#!/bin/sh',
    `lib=\${0%/*}/${libraries}`,
    `exec "$lib/${LOADER}" --argv0 "$0" --library-path "$lib" "$0.program" "$@"`,
    '',
  ].join('\n');
}
