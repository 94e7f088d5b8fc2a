import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HarnessError, withRoomFor } from '../errors.ts';
import { runChecked } from '../process.ts';
import { DEBIAN_ARCH, openArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import { findModuleFiles, parseConfig } from './image.ts';
import type { KernelImage } from './image.ts';

const FLAVOUR = `cloud-${DEBIAN_ARCH}`;
/** Old kernels are one package; newer ones are an empty one that names two others. */
const IMAGE_NAME = new RegExp(`^linux-(image|binary)-(.*)-${FLAVOUR}(-unsigned)?$`);
const SEARCH = `^linux-(image|binary|modules)-[0-9].*-${FLAVOUR}(-unsigned)?$`;
const UNPACK_TIMEOUT_MS = 300_000;

export interface DebianOptions {
  readonly cacheDir: string;
  readonly mirror: string | null;
}

/** The newest cached kernel of a version prefix; when there is none, the newest of the archive. */
export async function debianKernel(spec: string, options: DebianOptions): Promise<KernelImage> {
  const cached = newest(cachedKernels(options.cacheDir), spec);
  if (cached !== null) return imageOf(spec, cached, options.cacheDir);
  return fetchKernel(spec, options);
}

/** The newest kernel of a version prefix in the archive, fetched unless it is cached already. */
export async function fetchKernel(spec: string, options: DebianOptions): Promise<KernelImage> {
  const archive = await openArchive(options.cacheDir, options.mirror);
  const packages = await archive.search(SEARCH);
  const versions = versionsOf(packages);
  const version = newest(versions, spec);
  if (version === null) {
    const known = [...new Set(versions.map(seriesOf))].sort(byVersion).join(', ');
    throw new HarnessError('no-such-kernel', `no kernel ${spec} in the archive; there are ${known}`);
  }
  const target = join(options.cacheDir, 'kernels', version);
  if (!existsSync(target)) {
    await withRoomFor(`kernel ${version}`, () => unpack(archive, packages, version, target));
  }
  return imageOf(spec, version, options.cacheDir);
}

/** Versions that the archive has, oldest first. */
export async function archiveVersions(options: DebianOptions): Promise<readonly string[]> {
  const archive = await openArchive(options.cacheDir, options.mirror);
  return versionsOf(await archive.search(SEARCH)).toSorted(byVersion);
}

export function cachedKernels(cacheDir: string): string[] {
  const dir = join(cacheDir, 'kernels');
  return existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith('.')) : [];
}

async function unpack(
  archive: Archive,
  packages: readonly string[],
  version: string,
  target: string,
): Promise<void> {
  const partial = join(target, '..', `.${version}.${process.pid}`);
  const name = (kind: string): string => `linux-${kind}-${version}-${FLAVOUR}`;
  const isSplit = packages.includes(name('binary'));
  const whole = packages.includes(name('image')) ? name('image') : `${name('image')}-unsigned`;
  const wanted = isSplit ? [name('binary'), name('modules')] : [whole];
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'tree'), { recursive: true });
  try {
    await archive.download(wanted, partial);
    for (const file of readdirSync(partial).filter((entry) => entry.endsWith('.deb'))) {
      await runChecked('dpkg-deb', ['-x', join(partial, file), join(partial, 'tree')], {
        timeoutMs: UNPACK_TIMEOUT_MS,
      });
      rmSync(join(partial, file));
    }
    // One rename, so that a kernel is there wholly or not at all.
    renameSync(join(partial, 'tree'), target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function imageOf(asked: string, version: string, cacheDir: string): Promise<KernelImage> {
  const root = join(cacheDir, 'kernels', version);
  const modules = [join(root, 'usr/lib/modules'), join(root, 'lib/modules')].find(existsSync);
  const release = modules === undefined ? undefined : readdirSync(modules)[0];
  if (modules === undefined || release === undefined) {
    throw new HarnessError('unfit-kernel', `the cached kernel ${version} has no modules`);
  }
  const boot = join(root, 'boot');
  const folders = [boot, join(modules, release)].filter(existsSync);
  const find = (prefix: string): string | undefined =>
    folders
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .find((path) => basename(path).startsWith(prefix));
  const imagePath = find('vmlinu');
  if (imagePath === undefined) {
    throw new HarnessError('unfit-kernel', `the cached kernel ${version} has no image`);
  }
  const config = find('config');
  return {
    asked,
    release,
    source: 'debian',
    kind: 'vm',
    imagePath,
    modules: await findModuleFiles(join(modules, release)),
    config: config === undefined ? null : parseConfig(readFileSync(config, 'latin1')),
  };
}

function versionsOf(packages: readonly string[]): string[] {
  const versions = packages.flatMap((name) => IMAGE_NAME.exec(name)?.[2] ?? []);
  return [...new Set(versions)];
}

function newest(versions: readonly string[], prefix: string): string | null {
  return versions.filter((version) => hasPrefix(version, prefix)).sort(byVersion).at(-1) ?? null;
}

/** `6.1` is a prefix of 6.1.0-50 and not of 6.12. */
function hasPrefix(version: string, prefix: string): boolean {
  return version.startsWith(prefix) && !/^\d/.test(version.slice(prefix.length));
}

function seriesOf(version: string): string {
  return version.split(/[.+-]/).slice(0, 2).join('.');
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
