import type { Scenario } from '../model/scenario.ts';
import type { Checked } from './campaign-plan.ts';

/** A misbehaviour of real kernels that is known, from fixtures/disagreements. */
export interface KnownDisagreement {
  readonly file: string;
  /** Version prefixes of the kernels that do this. */
  readonly kernels: readonly string[];
  /** What the kernel does, and why we believe that it is wrong. */
  readonly reason: string;
  /** The step was predicted by this rule, */
  readonly rule: string;
  /** and all that differs is there or below, such as `base w/work`. */
  readonly at: string;
  /** The shortest scenario that shows it. */
  readonly scenario: Scenario;
}

/** The entry that explains all differences of a scenario on a kernel, if one does. */
export function knownDisagreement(
  entries: readonly KnownDisagreement[],
  release: string,
  { differences, predicted }: Pick<Checked, 'differences' | 'predicted'>,
): KnownDisagreement | undefined {
  const rules: readonly string[] = predicted[differences[0]?.step ?? 0]?.rules ?? [];
  return entries.find(
    ({ kernels, rule, at }) =>
      kernels.some((prefix) => isOfVersion(release, prefix)) &&
      rules.includes(rule) &&
      differences.length > 0 &&
      differences.every((difference) => isAtOrBelow(difference.at, at)),
  );
}

function isAtOrBelow(at: string, place: string): boolean {
  return at.startsWith(place) && /^(?:$|[ /])/.test(at.slice(place.length));
}

/** Whether a release such as `6.12.7+deb13` is of a version prefix such as `6.12`. */
export function isOfVersion(release: string, prefix: string): boolean {
  return release.startsWith(prefix) && !/^\d/.test(release.slice(prefix.length));
}
