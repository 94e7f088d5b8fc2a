import type { LayerSpec, Scenario } from '../model/scenario.ts';
import type { Place, Variation } from './explain.ts';
import { mapPaths } from './shrink-passes.ts';

const LOWERS_MAX = 4;
/** The directory that everything moves into, which nothing else is called. */
const DEEPER = 'deeper';

/** What objects are called, and which directory they are in. */
export function namePlaces(scenario: Scenario): readonly Place[] {
  const names = namesIn(scenario);
  const renamings: readonly (readonly [string, (name: string) => string])[] = [
    ['long ones', (name) => `${name}-by-another-name`],
    ['in another order', (name) => `z${names.length - names.indexOf(name)}`],
  ];
  return [
    { at: '', what: 'names', variations: names.length === 0 ? [] : renamings.map(renaming) },
    { at: '', what: 'depth', variations: deeperIn(scenario) },
  ];
}

/** How many layers there are. */
export function layerPlaces({ layers }: Scenario): readonly Place[] {
  const lowers = layers.filter(({ role }) => role === 'lower').length;
  const more: LayerSpec = { role: 'lower', entries: [] };
  const variations: readonly Variation[] = [
    {
      says: 'one more below',
      of: (scenario) => withLayer(scenario, scenario.layers.findLastIndex(isLower) + 1, more),
    },
    {
      says: 'one more above',
      of: (scenario) => withLayer(scenario, scenario.layers.findIndex(isLower), more),
    },
  ];
  const what = 'number of lower layers';
  return [{ at: '', what, variations: lowers > 0 && lowers < LOWERS_MAX ? variations : [] }];
}

function isLower({ role }: LayerSpec): boolean {
  return role === 'lower';
}

function withLayer({ layers, ...rest }: Scenario, at: number, layer: LayerSpec): Scenario {
  return { ...rest, layers: layers.toSpliced(at, 0, layer) };
}

function renaming([says, change]: readonly [string, (name: string) => string]): Variation {
  const inPath = (path: string): string =>
    path
      .split('/')
      .map((name) => (name === '.' ? name : change(name)))
      .join('/');
  return { says, of: (scenario) => mapPaths(scenario, inPath) };
}

function namesIn(scenario: Scenario): readonly string[] {
  const names = new Set<string>();
  mapPaths(scenario, (path) => {
    for (const name of path.split('/')) if (name !== '.') names.add(name);
    return path;
  });
  return [...names];
}

/** All of it in a directory that is in a lower layer, in upper, or in both. */
function deeperIn({ layers }: Scenario): readonly Variation[] {
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const where: readonly (readonly [string, readonly LayerSpec['role'][]])[] = [
    ['in a lower directory', ['lower']],
    ...(hasUpper ? ([['in a merged directory', ['lower', 'upper']]] as const) : []),
  ];
  return where.map(([says, roles]) => ({ says, of: (scenario) => deeper(scenario, roles) }));
}

function deeper(scenario: Scenario, roles: readonly LayerSpec['role'][]): Scenario {
  const moved = mapPaths(scenario, (path) => (path === '.' ? DEEPER : `${DEEPER}/${path}`));
  const layers = moved.layers.map((layer) => {
    const isThere = layer.entries.some(({ path }) => path === DEEPER);
    if (isThere || !roles.includes(layer.role)) return layer;
    return { ...layer, entries: [...layer.entries, { path: DEEPER, type: 'dir' as const }] };
  });
  return { ...moved, layers };
}
