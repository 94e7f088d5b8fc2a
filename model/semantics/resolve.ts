import { FIRST_SUPPORTED } from './first-supported.ts';
import { KERNELS } from './kernels.ts';
import { ANY_KERNEL, PROPOSALS } from './proposals.ts';
import type { Behaviour, Feature, Semantics, SemanticsProfile } from './semantics.ts';

const PROFILES: readonly SemanticsProfile[] = [...KERNELS, ...PROPOSALS];

/** What a proposal for any kernel is read with where no kernel is named. */
const NEWEST = KERNELS.at(-1)?.id ?? KERNELS[0].id;

/** A profile with all that it inherits. Throws for an id that is not in the tables. */
export function resolveProfile(id: string, kernel: string = NEWEST): Semantics {
  const profile = PROFILES.find((candidate) => candidate.id === id);
  if (profile === undefined) throw new RangeError(`no semantics profile ${id}`);
  const base =
    profile.extends === null
      ? { features: new Set<Feature>(), behaviour: FIRST_SUPPORTED }
      : resolveProfile(profile.extends === ANY_KERNEL ? kernel : profile.extends, kernel);
  const features = new Set([...base.features, ...(profile.adds ?? [])]);
  for (const feature of profile.removes ?? []) features.delete(feature);
  const behaviour: Behaviour = { ...base.behaviour, ...profile.changes };
  return { id, features, behaviour };
}

/**
 * The profile of the newest known kernel that is not newer than a release such as `6.12.107`. What
 * a point release brought says nothing of the versions after it.
 */
export function profileOfRelease(release: string): Semantics {
  const version = versionOf(release);
  let id: string = KERNELS[0].id;
  for (const kernel of KERNELS) {
    const own = versionOf(kernel.id.replace('linux-', ''));
    const isSameSeries = own[0] === version[0] && own[1] === version[1];
    if (compareVersions(own, version) <= 0 && (own[2] === 0 || isSameSeries)) id = kernel.id;
  }
  return resolveProfile(id);
}

/**
 * The profile of a version such as `6.12`, or of the name of a kernel or a proposal: one for any
 * kernel as it is for the release that it is held against.
 */
export function profileNamed(name: string, release?: string): Semantics | null {
  if (/^\d+\.\d+/.test(name)) return profileOfRelease(name);
  if (!PROFILES.some(({ id }) => id === name)) return null;
  const [version] = /\d+\.\d.*$/.exec(release ?? '') ?? [];
  return resolveProfile(name, version === undefined ? undefined : profileOfRelease(version).id);
}

/** Every name that has a profile. */
export function profileNames(): readonly string[] {
  return PROFILES.map(({ id }) => id);
}

/** Says which profile is taken for a release of which no version has one; null where one has. */
export function borrowedProfile(release: string): string | null {
  const [major, minor] = versionOf(release);
  const { id } = profileOfRelease(release);
  const own = versionOf(id.replace('linux-', ''));
  if (own[0] === major && own[1] === minor) return null;
  return `linux ${release} has no profile of its own: taking ${id}`;
}

function versionOf(release: string): readonly [number, number, number] {
  const [, major = '0', minor = '0', point = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release) ?? [];
  return [Number(major), Number(minor), Number(point)];
}

function compareVersions(
  a: readonly [number, number, number],
  b: readonly [number, number, number],
): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
