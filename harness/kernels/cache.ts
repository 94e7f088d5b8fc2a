import { glob, mkdir, readFile, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { findStaleTemporaries, temporaryBeside, writeFileAtomically } from '../atomic-file.ts';
import { HarnessError, withRoomFor } from '../errors.ts';
import { runChecked } from '../process.ts';
import type { Archive } from './archive.ts';
import type { Candidate, KernelKind } from './candidates.ts';
import { findModuleFiles, moduleNameOf, parseConfig } from './image.ts';
import type { KernelImage } from './image.ts';
import { keepUml } from './uml-program.ts';

/** A kernel in the cache: an image, its configuration and the modules that a scenario may need. */
export interface CachedKernel {
  readonly kind: KernelKind;
  readonly version: string;
  readonly release: string;
  readonly folder: string;
}

/** What a package grows to while it is unpacked. */
const GROWTH = 6;
const ROOM_BYTES_MIN = 64 * 1024 * 1024;

/** File systems, block devices, crypto and NFS: the rest of the modules drive what no VM has. */
const DRIVERS = 'drivers/(?:block|char|dax|md|scsi|virtio)';
const NET = 'net/(?:dns_resolver|sunrpc)';
const MODULE_FOLDERS = new RegExp(`/kernel/(?:arch|block|crypto|fs|lib|mm|${NET}|${DRIVERS})/`);

export async function listCachedKernels(cacheDir: string): Promise<readonly CachedKernel[]> {
  const folder = join(cacheDir, 'kernels');
  const names = await readdir(folder).catch(() => []);
  const kernels = names.flatMap((name) => {
    const [, kind, version, release] = /^(vm|uml)_([^_]+)_([^_]+)$/.exec(name) ?? [];
    if ((kind !== 'vm' && kind !== 'uml') || version === undefined || release === undefined) {
      return [];
    }
    return [{ kind, version, release, folder: join(folder, name) } as const];
  });
  return kernels;
}

export async function imageOfCached(kernel: CachedKernel, asked: string): Promise<KernelImage> {
  const { kind, release, folder } = kernel;
  return {
    asked,
    kind,
    release,
    source: 'debian',
    imagePath: join(folder, 'image'),
    modules: await findModuleFiles(join(folder, 'modules')),
    config: parseConfig(await readFile(join(folder, 'config'), 'utf8')),
  };
}

/** Downloads and unpacks a kernel. The cache has it whole or not at all, whenever we are killed. */
export async function fetchKernel(
  cacheDir: string,
  archive: Archive,
  candidate: Candidate,
): Promise<CachedKernel> {
  const parent = join(cacheDir, 'kernels');
  await mkdir(parent, { recursive: true });
  await refuseFullDisk(parent, candidate);
  const work = temporaryBeside(join(parent, candidate.kind));
  for (const stale of await findStaleTemporaries(parent)) await rm(stale, { recursive: true });
  const unpacked = join(work, 'unpacked');
  const done = join(work, 'done');
  try {
    return await withRoomFor(`kernel ${candidate.version}`, async () => {
      await mkdir(join(done, 'modules'), { recursive: true });
      await archive.download(candidate.packages, work);
      for await (const deb of glob(join(work, '*.deb'))) {
        await runChecked('dpkg-deb', ['-x', deb, unpacked]);
      }
      const release = await keepWhatIsNeeded(candidate.kind, unpacked, done);
      const { kind, version } = candidate;
      const folder = join(parent, `${kind}_${version}_${release}`);
      // Another process may have been faster; what it made is the same.
      await rename(done, folder).catch(() => undefined);
      return { kind, version, release, folder };
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function refuseFullDisk(folder: string, { version, packages }: Candidate): Promise<void> {
  const needed = ROOM_BYTES_MIN + GROWTH * packages.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);
  const room = `${mib(bavail * bsize)} MiB are free, ${mib(needed)} MiB are needed`;
  throw new HarnessError('disk-full', `no room for kernel ${version} in ${folder}: ${room}`);
}

/** Moves image, configuration and modules of unpacked packages into `done`; returns the release. */
async function keepWhatIsNeeded(kind: KernelKind, unpacked: string, done: string): Promise<string> {
  const image = await findOne(
    kind === 'uml'
      ? `${unpacked}/usr/bin/linux.uml`
      : `${unpacked}/{boot/vmlinuz-*,usr/lib/modules/*/vmlinuz}`,
  );
  const modulesRoot = await findOne(`${unpacked}/{usr/,}lib/{uml/,}modules/*/kernel`);
  const config = await findOne(
    kind === 'uml'
      ? `${unpacked}/usr/share/doc/user-mode-linux/config.gz`
      : `${unpacked}/{boot/config-*,usr/lib/modules/*/config}`,
  );
  if (kind === 'uml') await keepUml(image, unpacked, done);
  else await rename(image, join(done, 'image'));
  const bytes = await readFile(config);
  const text = config.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
  await writeFileAtomically(join(done, 'config'), text);
  await keepModules(modulesRoot, join(done, 'modules'));
  return basename(join(modulesRoot, '..'));
}

async function findOne(pattern: string): Promise<string> {
  for await (const path of glob(pattern)) return path;
  throw new HarnessError('archive', `a kernel package has no ${basename(pattern)}`);
}

/** Keeps modules by name in one folder, and plain, so that a boot need not decompress them. */
async function keepModules(from: string, to: string): Promise<void> {
  const compressed: string[] = [];
  for await (const path of glob(`${from}/**/*.ko*`)) {
    if (moduleNameOf(path) === null || !MODULE_FOLDERS.test(path)) continue;
    const kept = join(to, basename(path));
    await rename(path, kept);
    if (kept.endsWith('.xz')) compressed.push(kept);
  }
  if (compressed.length > 0) await runChecked('xz', ['-d', '--', ...compressed]);
}
