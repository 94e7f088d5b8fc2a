import { stat } from 'node:fs/promises';
import { HarnessError } from '../errors.ts';
import type { BackendName } from '../backend.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import { candidatesOf, newestFor, newestOf, packagePattern, seriesIn } from './candidates.ts';
import type { Candidate, KernelKind } from './candidates.ts';
import { fetchKernel, imageOfCached, listCachedKernels } from './cache.ts';
import type { CachedKernel } from './cache.ts';
import type { KernelImage } from './image.ts';
import { hostKernel, installedUml, kernelAtPath, runningKernel } from './local.ts';
import { whyNotHere } from './uml-cpu.ts';
import { hasVersionPrefix, seriesOf } from './versions.ts';

export interface ResolveOptions {
  readonly cacheDir: string;
  /** The backend that is to run it: UML and namespaces cannot run an image for QEMU. */
  readonly backend?: BackendName;
  /** A Debian mirror other than the one this machine uses. */
  readonly mirror?: string;
  /** Where the modules of an image given by its path are. */
  readonly modulesDir?: string;
  /** Is told of what takes a while. */
  readonly note?: (text: string) => void;
  /** Fetches the newest even when the cache has an older one. */
  readonly refresh?: boolean;
}

/**
 * Finds the kernel that is asked for: a version prefix, `host`, the path of an image, or a kernel
 * build tree. Needs the network only for a version that neither machine nor cache has.
 */
export async function resolveKernel(spec: string, options: ResolveOptions): Promise<KernelImage> {
  const image = await findKernel(spec, options);
  await refuseUnfit(image.kind, image.release);
  return image;
}

async function findKernel(spec: string, options: ResolveOptions): Promise<KernelImage> {
  const backend = options.backend ?? 'qemu';
  if (backend === 'namespace') return runningKernel(spec);
  const kind = backend === 'uml' ? 'uml' : 'vm';
  if (spec === 'host') return hostKernel(kind);
  if (spec.includes('/') || (await isThere(spec))) {
    return kernelAtPath(spec, kind, options.modulesDir);
  }
  if (!/^\d+(?:\.\d+)?[\w.+~-]*$/.test(spec)) {
    throw new HarnessError('bad-input', `${spec} is no kernel version, path, or "host"`);
  }
  if (kind === 'uml' && options.refresh !== true) {
    const installed = await installedUml();
    if (installed !== null && hasVersionPrefix(installed.release, spec)) {
      return { ...installed, asked: spec };
    }
  }
  return imageOfCached(await kernelByVersion(spec, kind, options), spec);
}

/** The newest UML that runs on this CPU, from the cache or else the archive. */
export async function newestUml(options: ResolveOptions): Promise<KernelImage> {
  const found = await kernelByVersion(null, 'uml', options);
  return imageOfCached(found, seriesOf(found.release));
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Before anything is fetched or booted: how it would end is known. */
async function refuseUnfit(kind: KernelImage['kind'], version: string): Promise<void> {
  const why = kind === 'uml' ? await whyNotHere(version) : null;
  if (why !== null) throw new HarnessError('unavailable', why);
}

/** The newest of a prefix; without one, the newest that this CPU can run. */
async function newestThatFits<T extends Pick<Candidate, 'version' | 'release'>>(
  candidates: readonly T[],
  prefix: string | null,
): Promise<T | null> {
  if (prefix !== null) return newestFor(candidates, prefix);
  const running: T[] = [];
  for (const candidate of candidates) {
    if ((await whyNotHere(candidate.version)) === null) running.push(candidate);
  }
  return newestOf(running);
}

async function kernelByVersion(
  prefix: string | null,
  kind: KernelKind,
  options: ResolveOptions,
): Promise<CachedKernel> {
  const { cacheDir, mirror, refresh } = options;
  const cached = (await listCachedKernels(cacheDir)).filter((kernel) => kernel.kind === kind);
  const known = await newestThatFits(cached, prefix);
  if (known !== null && refresh !== true) return known;

  const archive = await openArchive(cacheDir, mirror);
  options.note?.(`looking for kernel ${prefix ?? kind} in Debian's archive`);
  await archive.refresh(refresh === true ? 'always' : 'if-old');
  let candidates = await candidatesIn(archive, kind);
  let chosen = await newestThatFits(candidates, prefix);
  if (chosen === null) throw noSuchKernel(prefix, candidates, cached, archive.complaints());
  await refuseUnfit(kind, chosen.version);
  try {
    return await fetchOnce(options, archive, chosen, cached);
  } catch (error) {
    if (!(error instanceof HarnessError) || error.reason !== 'archive') throw error;
    // The archive drops point releases, so a list may name what is gone.
    await archive.refresh('always');
    candidates = await candidatesIn(archive, kind);
    chosen = await newestThatFits(candidates, prefix);
    if (chosen === null) throw noSuchKernel(prefix, candidates, cached, archive.complaints());
    return fetchOnce(options, archive, chosen, cached);
  }
}

async function candidatesIn(archive: Archive, kind: KernelKind): Promise<readonly Candidate[]> {
  return candidatesOf(kind, await archive.packages(packagePattern(kind, debianArch())));
}

async function fetchOnce(
  { cacheDir, note }: ResolveOptions,
  archive: Archive,
  chosen: Candidate,
  cached: readonly CachedKernel[],
): Promise<CachedKernel> {
  const same = cached.find(({ version }) => version === chosen.version);
  if (same !== undefined) return same;
  const startedMs = performance.now();
  const kernel = await fetchKernel(cacheDir, archive, chosen);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  note?.(`fetched kernel ${chosen.version} in ${seconds} s`);
  return kernel;
}

function noSuchKernel(
  prefix: string | null,
  candidates: readonly Candidate[],
  cached: readonly CachedKernel[],
  complaints: readonly string[],
): HarnessError {
  const series = seriesIn([...candidates, ...cached]).join(', ');
  const trouble = complaints.length === 0 ? '' : ` (apt said: ${complaints.join('; ')})`;
  const what = prefix === null ? 'no UML that runs on this CPU' : `no kernel ${prefix}`;
  return new HarnessError('no-such-kernel', `${what}; there are ${series}${trouble}`);
}

export function debianArch(): string {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

export interface KernelListing {
  readonly cached: readonly CachedKernel[];
  /** Kernels of the archive, newest first. */
  readonly available: readonly Candidate[];
}

/** What is cached and what can be had. The archive is asked only when `refresh` says so. */
export async function listKernels(
  options: Pick<ResolveOptions, 'cacheDir' | 'mirror' | 'refresh'>,
): Promise<KernelListing> {
  const cached = await listCachedKernels(options.cacheDir);
  const archive = await openArchive(options.cacheDir, options.mirror);
  await archive.refresh(options.refresh === true ? 'always' : 'if-old');
  const [vm, uml] = [await candidatesIn(archive, 'vm'), await candidatesIn(archive, 'uml')];
  return { cached, available: [...vm, ...uml] };
}
