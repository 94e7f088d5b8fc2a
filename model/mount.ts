import { succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { MountView } from './observation.ts';
import { fallBack } from './overlay/fallbacks.ts';
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
  const { layers, options } = scenario;
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const resolved = resolveOptions(options, hasUpper, context);
  if (!resolved.ok) return resolved;
  const facts = {
    hasUpper,
    isAllOnUpperFs: hasUpper,
    takesXattrs: takesXattrs(resolved.value, context),
  };
  const settled = fallBack(resolved.value, facts, context);
  // A fresh upper layer is given a uuid.
  const isNumbered = hasUpper && settled.uuid === 'auto';
  const config: MountConfig = isNumbered ? { ...settled, uuid: 'on' } : settled;
  const shown = { lowerPaths: lowerPaths(scenario), hasUpper, isOneFs: true };
  return succeed({ config, view: mountView(config, shown, context) });
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
