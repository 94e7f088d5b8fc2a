import { copyFile, glob, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HarnessError } from '../errors.ts';
import type { ArchivePackage } from './archive.ts';
import { compareVersions } from './versions.ts';

/** Programs of the archive that want a newer C library than this machine has bring their own. */

export const LIBRARY_PACKAGE = 'libc6';

/** Where a program has the path of its loader. */
export const SYSTEM_LOADER = '/lib64/ld-linux-x86-64.so.2';
/** What the loader is called among libraries that were copied. */
export const LOADER = 'ld.so';

/** Of those that will do, the oldest is from the most settled release. */
export function libraryFor(
  packages: readonly ArchivePackage[],
  least: string,
): ArchivePackage | undefined {
  return packages
    .filter(({ name, version }) => name === LIBRARY_PACKAGE && compareVersions(version, least) >= 0)
    .sort((one, other) => compareVersions(one.version, other.version))[0];
}

/** Copies an unpacked C library into a folder. */
export async function copyLibrary(unpacked: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  let hasLoader = false;
  for await (const path of glob(`${unpacked}/{usr/,}lib/x86_64-linux-gnu/*.so.*`)) {
    const isLoader = basename(path) === basename(SYSTEM_LOADER);
    // A copy, since older packages have symlinks to names with the version in them.
    await copyFile(path, join(folder, isLoader ? LOADER : basename(path)));
    hasLoader ||= isLoader;
  }
  if (!hasLoader) throw new HarnessError('archive', 'a C library comes without its loader');
}
