import { fail, succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { MountView } from './observation.ts';
import { playCalls } from './mount-context.ts';
import { findLayers, nameLayer, NOTHING_NAMED, refuseInUse } from './mount-layers.ts';
import type { FoundLayers, NamedLayers } from './mount-layers.ts';
import { fsOf } from './mount-places.ts';
import type { Place, PlaceFs } from './mount-places.ts';
import type { ContextPlan, LayerKey, MountPlan, StringPlan } from './mount-plan.ts';
import { fallBack } from './overlay/fallbacks.ts';
import type { LayerFacts, Settled } from './overlay/fallbacks.ts';
import type { LayerFs } from './overlay/traceable.ts';
import { needsTrusted } from './overlay/conflicts.ts';
import { defaultConfig, resolveOptions } from './overlay/params.ts';
import type { MountConfig, ResolveContext } from './overlay/params.ts';
import { shownOptions } from './overlay/shown-options.ts';
import { dataPaths, lowerPaths, lowerString } from './scenario.ts';
import type { LayerSpec, Scenario } from './scenario.ts';
import { BASE_PROFILES, keepsXattr } from './bases.ts';
import type { BaseType } from './bases.ts';
import { credentialsOf } from './mounter.ts';
import { withParameters } from './semantics/module-parameters.ts';
import type { Semantics } from './semantics/semantics.ts';

/** A mount of layers that are empty and were never mounted before. */
export interface FreshMount {
  readonly config: MountConfig;
  readonly view: MountView;
}

/** What the kernel makes of the options of a scenario, without a look at entries or steps. */
export function predictMount(
  scenario: Scenario,
  { environment: machine, ...rest }: ResolveContext,
): Prediction<FreshMount> {
  const environment = withParameters(machine, scenario.parameters);
  const lowerCount = scenario.layers.filter(({ role }) => role === 'lower').length;
  const mounter = credentialsOf(scenario.mounter);
  const context = { ...rest, environment, mounter, lowerCount };
  if (scenario.mount !== undefined) return predictPlan(scenario.mount, scenario.options, context);
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  const resolved = resolveOptions(scenario.options, hasUpper, context);
  if (!resolved.ok) return resolved;
  const files = filesOf(scenario, hasUpper, context);
  const { config } = settleFresh(resolved.value, files, context);
  const lowers = { lowerPaths: lowerPaths(scenario), dataPaths: dataPaths(scenario) };
  const shown = { ...lowers, hasUpper, isOneFs: isOnOneFs(files) };
  return succeed({ config, view: mountView(config, shown, context) });
}

/** The file systems that the layers are on. */
function filesOf(
  { base, otherBases = [], layers }: Scenario,
  hasUpper: boolean,
  { semantics, mounter }: ResolveContext,
): Facts {
  const isPrivileged = mounter?.isPrivileged !== false;
  const all = [base, ...otherBases].map((type, id): LayerFs => {
    const { hasNullUuid, handles } = BASE_PROFILES[type];
    return { id, hasHandles: isPrivileged && handles(semantics) !== null, hasUuid: !hasNullUuid };
  });
  const of = (role: LayerSpec['role']): readonly LayerFs[] =>
    layers.flatMap((layer) => (layer.role === role ? (all[layer.on ?? 0] ?? []) : []));
  const upper = hasUpper ? (all[0] ?? null) : null;
  return { upper, lowers: of('lower'), data: of('data'), upperBase: base };
}

function isOnOneFs({ upper, lowers }: Facts): boolean {
  const roots = upper === null ? lowers : [upper, ...lowers];
  return new Set(roots.map(({ id }) => id)).size === 1;
}

function predictPlan(
  plan: MountPlan,
  options: string,
  context: ResolveContext,
): Prediction<FreshMount> {
  if ('calls' in plan) return predictCalls(plan, context);
  const read = cutToPage(plan, options, context);
  let named = NOTHING_NAMED;
  for (const { key, value } of read.params) {
    const naming = nameLayer(named, key, value, context);
    if (naming.refused !== null) return naming.refused;
    ({ named } = naming);
  }
  return mountNamed(named, resolveOptions(read.options, named.upper !== null, context), context);
}

/** mount(2) reads a page, and takes its last byte for the end. */
const MOUNT_STRING_BYTES_MAX = 4095;

/** What mount(2) reads of a string: nothing tells that there was more. */
function cutToPage(
  { params, isRelative }: StringPlan,
  options: string,
  { rule }: ResolveContext,
): { readonly params: StringPlan['params']; readonly options: string } {
  const layers = params.map(({ key, value }) => `${key}=${value}`);
  const text = [...layers, ...(options === '' ? [] : [options])].join(',');
  // An absolute name is longer here and there; plans with such names are short.
  const places = text.split('@').length - 1;
  if (isRelative !== true || text.length - places <= MOUNT_STRING_BYTES_MAX) {
    return { params, options };
  }
  rule('options/cut-to-a-page');
  const read = text.replaceAll('@', '').slice(0, MOUNT_STRING_BYTES_MAX).split(',');
  const isLayer = (option: string): boolean => layers.some((layer) => isStartOf(option, layer));
  return {
    params: read.filter(isLayer).map((option) => {
      const at = option.indexOf('=');
      // It starts as one of the parameters does, up to the value at least.
      return { key: option.slice(0, at) as LayerKey, value: option.slice(at + 1) };
    }),
    options: read.filter((option) => !isLayer(option)).join(','),
  };
}

/** Whether an option is what is left of a parameter of which the name at least is there. */
function isStartOf(option: string, layer: string): boolean {
  const at = layer.indexOf('=') + 1;
  return option.length >= at && layer.replaceAll('@', '').startsWith(option);
}

/** A context tells of each call, and at last of what is mounted. */
function predictCalls(plan: ContextPlan, context: ResolveContext): Prediction<FreshMount> {
  const { results, mount } = playCalls(plan, mountNamed, context);
  const view = mount?.view ?? { layers: [], options: [] };
  return succeed({ config: mount?.config ?? defaultConfig(context), view: { ...view, results } });
}

/** Mounts the layers that were named, if they and the options fit. */
function mountNamed(
  named: NamedLayers,
  resolved: Prediction<MountConfig>,
  context: ResolveContext,
): Prediction<FreshMount> {
  if (!resolved.ok) return resolved;
  if (named.dataOnly > 0 && needsTrusted(resolved.value, context)) return fail('EPERM');
  const found = findLayers(named, resolved.value, context);
  if (!found.ok) return found;
  const { upper, work, lowers } = found.value;
  const hasUpper = upper !== null;
  const settled = settleFresh(resolved.value, factsOf(found.value, context), context);
  const { config } = settled;
  const inUse = hasUpper ? refuseInUse(found.value, settled, context) : null;
  if (inUse !== null) return inUse;
  const layers = [...shownLowers(named), ...(hasUpper ? shownUpper(named) : [])];
  const canWrite = hasUpper && !config.isReadOnly && work?.leftover !== 'too deep';
  const roots = upper === null ? lowers : [upper, ...lowers];
  const isOneFs = new Set(roots.map((root) => fsOf(root).name)).size === 1;
  const options = shownOptions(config, isOneFs, context);
  return succeed({ config, view: { layers: [canWrite ? 'rw' : 'ro', ...layers], options } });
}

type Facts = Omit<LayerFacts, 'takesXattrs'> & {
  readonly upperHasUuid?: boolean;
  /** Null for what takes no xattrs. */
  readonly upperBase: BaseType | null;
};

function factsOf({ upper, work, lowers, dataOnly }: FoundLayers, context: ResolveContext): Facts {
  const of = (place: Place): LayerFs => layerFsOf(place, context);
  const dataFrom = lowers.length - dataOnly;
  return {
    upper: upper === null ? null : of(upper),
    lowers: lowers.slice(0, dataFrom).map(of),
    data: lowers.slice(dataFrom).map(of),
    hasNoWork: work?.leftover === 'too deep',
    upperHasUuid: upper?.hasUuid === true,
    // Of what an upper layer may be on, ramfs takes no xattrs.
    upperBase: upper !== null && fsOf(upper).type === 'tmpfs' ? 'tmpfs' : null,
  };
}

function layerFsOf(place: Pick<Place, 'mount'>, { semantics, mounter }: ResolveContext): LayerFs {
  const hasHandles = mounter?.isPrivileged !== false;
  const { name, type } = fsOf(place);
  return {
    id: name,
    hasHandles: hasHandles && type === 'tmpfs',
    hasUuid: hasUuid(type, semantics),
  };
}

function hasUuid(type: PlaceFs['type'], { features }: Semantics): boolean {
  if (type === 'overlay') return features.has('uuid-auto');
  return type === 'tmpfs';
}

/** All at once as they were given, or one by one. */
function shownLowers({ lowers, dataOnly, given }: NamedLayers): readonly string[] {
  if (given !== null) return [`lowerdir=${asShown(given)}`];
  const dataFrom = lowers.length - dataOnly;
  return lowers.map((name, at) => `${at < dataFrom ? 'lowerdir' : 'datadir'}+=${asShown(name)}`);
}

function shownUpper({ givenUpper, givenWork }: NamedLayers): readonly string[] {
  return [`upperdir=${asShown(givenUpper ?? '')}`, `workdir=${asShown(givenWork ?? '')}`];
}

/** What is left of a configuration on layers that were never mounted before. */
function settleFresh(resolved: MountConfig, facts: Facts, context: ResolveContext): Settled {
  const { upperBase } = facts;
  const takesXattrs = upperBase !== null && takesPrivateXattrs(resolved, upperBase, context);
  const settled = fallBack(resolved, { ...facts, takesXattrs }, context);
  const { config } = settled;
  // A fresh upper layer is given a uuid.
  const isFresh = facts.upper !== null && facts.upperHasUuid !== true;
  const isGiven = isFresh && config.uuid === 'auto';
  return isGiven ? { ...settled, config: { ...config, uuid: 'on' } } : settled;
}

/** A name as mountinfo has it: what could be taken for its own syntax is written in octal. */
function asShown(value: string): string {
  return value
    .replaceAll('@', '')
    .replaceAll(/[\\,]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Whether the private xattrs of the mount can be set on a file system. */
function takesPrivateXattrs(
  { userxattr }: MountConfig,
  base: BaseType,
  { semantics, mounter }: ResolveContext,
): boolean {
  if (!userxattr) return mounter?.isPrivileged !== false;
  return keepsXattr({ base }, 'user.overlay.', semantics);
}

/** What mountinfo shows. */
export function mountView(
  config: MountConfig,
  {
    lowerPaths: lowers,
    dataPaths: data,
    upperPath = 'u',
    workPath = 'w',
    hasUpper,
    isOneFs,
  }: {
    readonly lowerPaths: readonly string[];
    readonly dataPaths: readonly string[];
    readonly upperPath?: string;
    readonly workPath?: string;
    readonly hasUpper: boolean;
    readonly isOneFs: boolean;
  },
  context: Pick<ResolveContext, 'semantics' | 'environment'>,
): MountView {
  return {
    layers: [
      hasUpper && !config.isReadOnly ? 'rw' : 'ro',
      `lowerdir=${lowerString(lowers, data)}`,
      ...(hasUpper ? [`upperdir=${upperPath}`, `workdir=${workPath}`] : []),
    ],
    options: shownOptions(config, isOneFs, context),
  };
}
