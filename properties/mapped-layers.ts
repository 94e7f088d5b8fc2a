import { ACCESS_ACL } from '../model/acl-names.ts';
import type { OpName } from '../model/ops/index.ts';
import { CAPABILITY } from '../model/overlay/by-mounter.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { chance } from './draw.ts';
import { ANY_OPTIONS, semanticsOf } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const STREAM = 0x2200_0000;
const SCENARIOS_PERCENT = 8;
const LAYERS_PERCENT = 70;

/** Where mounts of all kinds may occur, some lower layers are mounted with mapped ids. */
export function withMappedLayers(
  seed: number,
  index: number,
  scenario: Scenario,
  { options, release }: Pick<Wishes, 'options' | 'release'>,
): Scenario {
  if (options !== ANY_OPTIONS || !mayHave(scenario)) return scenario;
  const random = randomAt(seed, index ^ STREAM);
  if (!chance(random, SCENARIOS_PERCENT)) return scenario;
  const { features, behaviour } = semanticsOf(release);
  if (!features.has('mapped-mounts')) return scenario;
  // Capabilities of a mapped file are of another root, which the model does not know.
  const unknown = behaviour.mappedLists === 'mapped' ? [CAPABILITY] : [CAPABILITY, ACCESS_ACL];
  const layers = scenario.layers.map((layer): LayerSpec => {
    const isChosen = layer.role === 'lower' && chance(random, LAYERS_PERCENT);
    return isChosen && !hasAny(layer, unknown) ? { ...layer, mapped: true } : layer;
  });
  return { ...scenario, layers };
}

/**
 * A layer that something is mounted on stays where it is, and so does its file system. A handle is
 * opened by way of the first layer of its file system, whichever it is of.
 */
const NEVER_WITH: ReadonlySet<OpName> = new Set<OpName>([
  ...(['offlineReplace', 'crash', 'failDevice'] as const),
  ...(['openHandle', 'openHandleCold', 'nfsMount'] as const),
]);

function mayHave({ steps, mounter }: Scenario): boolean {
  return mounter === undefined && steps.every(({ op }) => !NEVER_WITH.has(op));
}

function hasAny({ entries }: LayerSpec, names: readonly string[]): boolean {
  return entries.some(({ xattrs = {} }) => names.some((name) => name in xattrs));
}
