import type { ArchivePackage } from './archive.ts';
import { libraryFor } from './c-library.ts';
import { compareVersions, hasVersionPrefix, seriesOf } from './versions.ts';

/** What the archive or the cache can give a kernel for. */
export type KernelKind = 'vm' | 'uml';

/** A kernel that the archive has, and the packages that it is made of. */
export interface Candidate {
  readonly kind: KernelKind;
  readonly version: string;
  /** What `uname -r` says; for UML it is known once the package is unpacked. */
  readonly release: string;
  readonly packages: readonly ArchivePackage[];
}

/** The names of all packages that a kernel can be made of. */
export function packagePattern(kind: KernelKind, debianArch: string): RegExp {
  return kind === 'uml'
    ? /^(?:user-mode-linux|libc6)$/
    : new RegExp(`^linux-(?:image|binary|modules|base)-\\d.*-cloud-${debianArch}(?:-unsigned)?$`);
}

const IMAGE = /^linux-(?:image|binary)-(\d.*?)(?:-unsigned)?$/;

/**
 * Kernels that can be had whole, newest first. Up to 6.18 a kernel is one package, signed for its
 * boot or not; from 6.19 on it is three, and an archive can have one of them without the others.
 */
export function candidatesOf(
  kind: KernelKind,
  packages: readonly ArchivePackage[],
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const image of packages) {
    const candidate = kind === 'uml' ? umlCandidate(image, packages) : vmCandidate(image, packages);
    if (candidate === null) continue;
    const key = `${candidate.release} ${candidate.version}`;
    const known = found.get(key);
    const isBetter = known === undefined || !image.name.endsWith('-unsigned');
    if (isBetter) found.set(key, candidate);
  }
  return [...found.values()].sort((one, other) => compareVersions(other.version, one.version));
}

/**
 * A UML program is for this machine's architecture and for the C library of its own release, which
 * may be newer than this machine's.
 */
function umlCandidate(
  image: ArchivePackage,
  packages: readonly ArchivePackage[],
): Candidate | null {
  if (image.name !== UML) return null;
  const least = /\blibc6 \(>= ([^)]+)\)/.exec(image.depends ?? '')?.[1] ?? '';
  const library = libraryFor(packages, least);
  if (library === undefined) return null;
  return { kind: 'uml', version: image.version, release: '', packages: [image, library] };
}

const UML = 'user-mode-linux';

function vmCandidate(image: ArchivePackage, packages: readonly ArchivePackage[]): Candidate | null {
  const release = IMAGE.exec(image.name)?.[1];
  if (release === undefined) return null;
  // Meta packages, such as linux-image-6.12-cloud-amd64, only name the newest of a series.
  if (!isSplitRelease(release, packages) && image.bytes < META_BYTES_MAX) return null;
  const names = isSplitRelease(release, packages)
    ? ['binary', 'modules', 'base'].map((part) => `linux-${part}-${release}`)
    : [image.name];
  const parts = names.flatMap((name) =>
    packages.filter((other) => other.name === name && other.version === image.version).slice(0, 1),
  );
  if (parts.length < names.length) return null;
  return { kind: 'vm', version: image.version, release, packages: parts };
}

const META_BYTES_MAX = 100_000;

function isSplitRelease(release: string, packages: readonly ArchivePackage[]): boolean {
  return packages.some(({ name }) => name === `linux-binary-${release}`);
}

/** The newest kernel for a prefix of its version or of its release. */
export function newestFor<T extends Pick<Candidate, 'version' | 'release'>>(
  candidates: readonly T[],
  prefix: string,
): T | null {
  return newestOf(
    candidates.filter(
      ({ version, release }) =>
        hasVersionPrefix(version, prefix) || hasVersionPrefix(release, prefix),
    ),
  );
}

export function newestOf<T extends Pick<Candidate, 'version'>>(candidates: readonly T[]): T | null {
  const sorted = candidates.toSorted((one, other) => compareVersions(other.version, one.version));
  return sorted[0] ?? null;
}

/** Which series there are, oldest first: what can be asked for. */
export function seriesIn(candidates: readonly Pick<Candidate, 'version'>[]): readonly string[] {
  const series = new Set(candidates.map(({ version }) => seriesOf(version)));
  return [...series].sort(compareVersions);
}
