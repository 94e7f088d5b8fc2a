import { predictMount } from '../model/mount.ts';
import type { MountConfig, ResolveContext } from '../model/overlay/params.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { MOUNTS, mountAt } from './option-product.ts';

/** What a mount comes to: an errno, or a configuration by the names of its options. */
export type Outcome = { readonly errno: string } | { readonly config: EffectiveConfig };

export type EffectiveConfig = Readonly<Record<string, string>>;

/** What becomes of every mount of the product on one kernel. */
export interface Certificate {
  readonly release: string;
  readonly profile: string;
  readonly environment: Environment;
  readonly outcomes: readonly Outcome[];
  /** Which outcome each mount has, in the order of the product, with repetitions counted. */
  readonly mounts: readonly (readonly [outcome: number, count: number])[];
}

/** What the model says of every mount: a certificate once a kernel has done the same. */
export function certify({
  release,
  environment,
}: {
  readonly release: string;
  readonly environment: Environment;
}): Certificate {
  const semantics = profileOfRelease(release);
  const context = { semantics, environment, rule: () => undefined };
  const outcomes: Outcome[] = [];
  const known = new Map<string, number>();
  const mounts: [number, number][] = [];
  for (let index = 0; index < MOUNTS; index++) {
    const outcome = outcomeOf(index, context);
    const key = JSON.stringify(outcome);
    const number = known.get(key) ?? outcomes.push(outcome) - 1;
    known.set(key, number);
    const last = mounts.at(-1);
    if (last?.[0] === number) last[1]++;
    else mounts.push([number, 1]);
  }
  return { release, profile: semantics.id, environment, outcomes, mounts };
}

function outcomeOf(index: number, context: ResolveContext): Outcome {
  const scenario = mountAt(index);
  const mounted = predictMount(scenario, context);
  if (!mounted.ok) return { errno: mounted.anyOf.join(' or ') };
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  return { config: effective(mounted.value.config, hasUpper) };
}

function effective(config: MountConfig, hasUpper: boolean): EffectiveConfig {
  const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off');
  return {
    upper: hasUpper ? 'yes' : 'no',
    redirect_dir: config.redirectDir,
    index: onOff(config.index),
    nfs_export: onOff(config.nfsExport),
    metacopy: onOff(config.metacopy),
    xino: config.xino,
    uuid: config.uuid,
    verity: config.verity,
    userxattr: onOff(config.userxattr),
    fsync: config.sync,
  };
}

/** The number of the outcome of each mount, by its index. */
export function outcomeNumbers({ mounts }: Pick<Certificate, 'mounts'>): Uint16Array {
  const numbers = new Uint16Array(MOUNTS);
  let at = 0;
  for (const [outcome, count] of mounts) {
    numbers.fill(outcome, at, at + count);
    at += count;
  }
  return numbers;
}
