import { glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryBeside } from '../atomic-file.ts';
import { HarnessError, withRoomFor } from '../errors.ts';
import { openArchive } from '../kernels/archive.ts';
import type { Archive, ArchivePackage } from '../kernels/archive.ts';
import { listCachedKernels } from '../kernels/cache.ts';
import type { CachedKernel } from '../kernels/cache.ts';
import type { KernelImage } from '../kernels/image.ts';
import { seriesOf } from '../kernels/versions.ts';
import { runChecked } from '../process.ts';
import { letToolsRun } from './host-tools.ts';

/** What a kernel's overlayfs is built from. */
export interface ModuleSource {
  readonly version: string;
  readonly release: string;
  /** The kernel's fs/overlayfs. */
  readonly sourceDir: string;
  /** Headers, configuration and build system of the very kernel. */
  readonly headersDir: string;
}

const UNPACK_TIMEOUT_MS = 300_000;

/** Source and headers of a kernel of Debian's, from the cache or else from the archive. */
export async function moduleSource(
  image: KernelImage,
  options: {
    readonly cacheDir: string;
    readonly mirror?: string | undefined;
    readonly note?: (text: string) => void;
  },
): Promise<ModuleSource> {
  const kernel = (await listCachedKernels(options.cacheDir)).find(
    ({ kind, release }) => kind === 'vm' && release === image.release,
  );
  if (kernel === undefined || image.source !== 'debian') {
    throw new HarnessError('bad-input', `${image.asked} is no kernel of Debian's for a VM`);
  }
  const folder = join(options.cacheDir, 'module-source', `${kernel.version}_${kernel.release}`);
  const isThere = (await stat(folder).catch(() => null)) !== null;
  if (!isThere) {
    options.note?.(`fetching source and headers of ${kernel.release}`);
    const archive = await openArchive(options.cacheDir, options.mirror);
    await withRoomFor('the source of a kernel', () => fetchSource(archive, kernel, folder));
  }
  const { version, release } = kernel;
  const headersDir = join(folder, 'usr/src', `linux-headers-${release}`);
  return { version, release, sourceDir: join(folder, 'overlayfs'), headersDir };
}

/** The cache has it whole or not at all, whenever we are killed. */
async function fetchSource(archive: Archive, kernel: CachedKernel, folder: string): Promise<void> {
  await archive.refresh('if-old');
  const packages = await packagesFor(archive, kernel);
  const work = temporaryBeside(folder);
  const done = join(work, 'done');
  try {
    await mkdir(done, { recursive: true });
    await archive.download(packages, work);
    for await (const deb of glob(join(work, '*.deb'))) {
      const isSource = basename(deb).startsWith('linux-source-');
      await runChecked('dpkg-deb', ['-x', deb, isSource ? work : done]);
    }
    await keepOverlayfs(work, done);
    await letToolsRun(archive, done, work);
    await useHeadersWhereTheyAre(join(done, 'usr/src', `linux-headers-${kernel.release}`));
    // Another process may have been faster; what it made is the same.
    await rename(done, folder).catch(() => undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packagesFor(
  archive: Archive,
  { version, release }: CachedKernel,
): Promise<readonly ArchivePackage[]> {
  const find = async (names: readonly string[]): Promise<readonly ArchivePackage[]> => {
    const pattern = names.map((name) => name.replaceAll(/[.+]/g, '\\$&')).join('|');
    const known = await archive.packages(new RegExp(`^(?:${pattern})$`));
    const found = names.flatMap((wanted) => {
      return known.find((one) => one.name === wanted && one.version === version) ?? [];
    });
    const missing = names.filter((wanted) => !found.some(({ name }) => name === wanted));
    if (missing.length === 0) return found;
    const hint = `npx ovlcheck kernels fetch ${seriesOf(version)} gets the newest`;
    throw new HarnessError(
      'archive',
      `${missing.join(', ')} ${version} is no longer there: ${hint}`,
    );
  };
  const own = await find([`linux-headers-${release}`, `linux-source-${seriesOf(version)}`]);
  // Headers come in parts, and name the others; compilers that they name only name others again.
  const depends = own.map((one) => one.depends ?? '').join(',');
  const parts = depends.match(/linux-(?:headers|kbuild)-[^\s,]+/g) ?? [];
  return [...own, ...(await find(parts))];
}

/** What overlayfs includes from the folder above its own, since 6.12. */
const BESIDE = 'internal.h';

/** Takes one folder out of the source, which is a tar archive inside of its package. */
async function keepOverlayfs(from: string, to: string): Promise<void> {
  for await (const tar of glob(join(from, 'usr/src/linux-source-*.tar.xz'))) {
    const fs = `${basename(tar, '.tar.xz')}/fs`;
    const parts = ['overlayfs', BESIDE];
    const args = ['-xJf', tar, '-C', from, ...parts.map((part) => `${fs}/${part}`)];
    await runChecked('tar', args, { timeoutMs: UNPACK_TIMEOUT_MS });
    for (const part of parts) await rename(join(from, fs, part), join(to, part));
    return;
  }
  throw new HarnessError('archive', 'a source package has no source');
}

/** Of all that headers consist of only this file has paths that mean an installed package. */
async function useHeadersWhereTheyAre(headersDir: string): Promise<void> {
  const makefile = join(headersDir, 'Makefile');
  const text = await readFile(makefile, 'utf8');
  await writeFile(makefile, text.replaceAll(/(?<=^include |^KBUILD_OUTPUT=)\/usr\/src\//gm, '../'));
}
