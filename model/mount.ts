import { succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { MountView } from './observation.ts';
import { findLayers, nameLayers } from './mount-layers.ts';
import { OTHER } from './mount-plan.ts';
import type { MountPlan, Place } from './mount-plan.ts';
import { fallBack } from './overlay/fallbacks.ts';
import type { LayerFacts } from './overlay/fallbacks.ts';
import { resolveOptions } from './overlay/params.ts';
import type { MountConfig, ResolveContext } from './overlay/params.ts';
import { shownOptions } from './overlay/shown-options.ts';
import { lowerPaths } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** A mount of layers that are empty and were never mounted before. */
export interface FreshMount {
  readonly config: MountConfig;
  readonly view: MountView;
}

/** What the kernel makes of the options of a scenario, without a look at entries or steps. */
export function predictMount(scenario: Scenario, context: ResolveContext): Prediction<FreshMount> {
  if (scenario.mount !== undefined) return predictPlan(scenario.mount, scenario.options, context);
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  const resolved = resolveOptions(scenario.options, hasUpper, context);
  if (!resolved.ok) return resolved;
  const config = settleFresh(resolved.value, { hasUpper, isAllOnUpperFs: hasUpper }, context);
  const shown = { lowerPaths: lowerPaths(scenario), hasUpper, isOneFs: true };
  return succeed({ config, view: mountView(config, shown, context) });
}

function predictPlan(
  plan: MountPlan,
  options: string,
  context: ResolveContext,
): Prediction<FreshMount> {
  const named = nameLayers(plan, context);
  if (!named.ok) return named;
  const resolved = resolveOptions(options, named.value.upper !== null, context);
  if (!resolved.ok) return resolved;
  const found = findLayers(named.value, resolved.value.metacopy, context);
  if (!found.ok) return found;
  const { upper, lowers } = found.value;
  const isElsewhere = (place: Place): boolean => place.mount === OTHER;
  const hasUpper = upper !== null;
  const all = [...lowers, ...(hasUpper ? [upper] : [])];
  const isOneFs = all.every(isElsewhere) || !all.some(isElsewhere);
  const facts = { hasUpper, isAllOnUpperFs: hasUpper && isOneFs };
  const config = settleFresh(resolved.value, facts, context);
  const given = Object.fromEntries(plan.params.map(({ key, value }) => [key, value]));
  const show = (key: string): string => `${key}=${asShown(given[key] ?? '')}`;
  const layers = [show('lowerdir'), ...(hasUpper ? [show('upperdir'), show('workdir')] : [])];
  const shown = shownOptions(config, isOneFs, context);
  return succeed({
    config,
    view: { layers: [hasUpper ? 'rw' : 'ro', ...layers], options: shown },
  });
}

/** What is left of a configuration on layers that were never mounted before. */
function settleFresh(
  resolved: MountConfig,
  facts: Omit<LayerFacts, 'takesXattrs'>,
  context: ResolveContext,
): MountConfig {
  const settled = fallBack(
    resolved,
    { ...facts, takesXattrs: takesXattrs(resolved, context) },
    context,
  );
  // A fresh upper layer is given a uuid.
  return facts.hasUpper && settled.uuid === 'auto' ? { ...settled, uuid: 'on' } : settled;
}

/** A name as mountinfo has it: what could be taken for its own syntax is written in octal. */
function asShown(value: string): string {
  return value
    .replaceAll('@', '')
    .replaceAll(/[\\,]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Whether tmpfs, which holds the layers, takes the private xattrs of the mount. */
export function takesXattrs(
  { userxattr }: MountConfig,
  { semantics }: Pick<ResolveContext, 'semantics'>,
): boolean {
  return !userxattr || semantics.behaviour.tmpfsUserXattr === 'supported';
}

/** What mountinfo shows. */
export function mountView(
  config: MountConfig,
  {
    lowerPaths: paths,
    hasUpper,
    isOneFs,
  }: {
    readonly lowerPaths: readonly string[];
    readonly hasUpper: boolean;
    readonly isOneFs: boolean;
  },
  context: Pick<ResolveContext, 'semantics' | 'environment'>,
): MountView {
  return {
    layers: [
      hasUpper ? 'rw' : 'ro',
      `lowerdir=${paths.join(':')}`,
      ...(hasUpper ? ['upperdir=u', 'workdir=w'] : []),
    ],
    options: shownOptions(config, isOneFs, context),
  };
}
