import type { Step } from '../model/ops/index.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import type { Mounter } from '../model/mounter.ts';
import { givenParameters } from '../model/semantics/module-parameters.ts';
import { BEFOREHAND } from './beforehand.ts';
import { FEWER_BASES, OWN_IDS, USUAL_BASES } from './shrink-bases.ts';
import { simplerEntries, simplerSteps } from './simpler.ts';

/** Scenarios smaller than one, place by place: `at` counts places, and each may have several. */
export interface Pass {
  places(scenario: Scenario): number;
  at(scenario: Scenario, place: number): readonly Scenario[];
}

/** Leaves out runs of steps, the last ones first: what comes later needs what came before. */
export function withoutSteps(size: number): Pass {
  return {
    places: ({ steps }) => Math.ceil(steps.length / size),
    at(scenario, place) {
      const end = scenario.steps.length - place * size;
      const start = Math.max(0, end - size);
      return [{ ...scenario, steps: scenario.steps.toSpliced(start, end - start) }];
    },
  };
}

/** Entries of all layers, each known by one number. */
const WITHOUT_ENTRIES: Pass = {
  places: countEntries,
  at: (scenario, place) => [
    withEntries(scenario, place, (entries, at) => entries.toSpliced(at, 1)),
  ],
};

const WITHOUT_LAYER_CONTENT: Pass = {
  places: ({ layers }) => layers.length,
  at({ layers, ...rest }, place) {
    const layer = layers[place];
    if (layer === undefined || layer.entries.length === 0) return [];
    return [{ ...rest, layers: layers.with(place, { ...layer, entries: [] }) }];
  },
};

const WITHOUT_LOWERS: Pass = {
  places: ({ layers }) => layers.length,
  at({ layers, ...rest }, place) {
    const role = layers[place]?.role ?? 'upper';
    const isLastLower = layers.filter((layer) => layer.role === 'lower').length === 1;
    if (role === 'upper' || (role === 'lower' && isLastLower)) return [];
    return [{ ...rest, layers: layers.toSpliced(place, 1) }];
  },
};

const SIMPLER_STEPS: Pass = {
  places: ({ steps }) => steps.length,
  at(scenario, place) {
    const step = scenario.steps[place];
    if (step === undefined) return [];
    return simplerSteps(step).map((simpler) => ({
      ...scenario,
      steps: scenario.steps.with(place, simpler),
    }));
  },
};

const SIMPLER_ENTRIES: Pass = {
  places: countEntries,
  at(scenario, place) {
    const entry = scenario.layers.flatMap(({ entries }) => entries)[place];
    if (entry === undefined) return [];
    return simplerEntries(entry).map((simpler) =>
      withEntries(scenario, place, (entries, at) => entries.with(at, simpler)),
    );
  },
};

/** Takes one directory out of every path at once, which no single change could. */
const SHORTER_PATHS: Pass = {
  places: (scenario) => dirsOf(scenario).length,
  at(scenario, place) {
    const dir = dirsOf(scenario)[place];
    if (dir === undefined) return [];
    const above = dir.slice(0, dir.lastIndexOf('/') + 1);
    return [
      mapPaths(scenario, (path) =>
        path.startsWith(`${dir}/`) ? above + path.slice(dir.length + 1) : path,
      ),
    ];
  },
};

/** Names in the order in which they appear: `a`, `b`, ..., so that equal findings look equal. */
const NAMES_IN_ORDER: Pass = {
  places: () => 1,
  at(scenario) {
    const order = new Map<string, string>();
    const inOrder = (name: string): string => {
      if (name === '.') return name;
      const known = order.get(name) ?? String.fromCharCode(0x61 + Math.min(order.size, 25));
      order.set(name, known);
      return known;
    };
    const renamed = mapPaths(scenario, (path) => path.split('/').map(inOrder).join('/'));
    const isInOrder = [...order].every(([name, ordered]) => name === ordered);
    return isInOrder ? [] : [renamed];
  },
};

/** Slots in the order in which they appear. */
const SLOTS_IN_ORDER: Pass = {
  places: () => 1,
  at(scenario) {
    const order = new Map<number, number>();
    const inOrder = (slot: number): number => {
      const known = order.get(slot) ?? order.size;
      order.set(slot, known);
      return known;
    };
    const steps = scenario.steps.map((step): Step => {
      const slots = {
        ...('fd' in step.args ? { fd: inOrder(step.args.fd) } : {}),
        ...('slot' in step.args ? { slot: inOrder(step.args.slot) } : {}),
      };
      // The same arguments but for the numbers of slots.
      return { ...step, args: { ...step.args, ...slots } } as Step;
    });
    const isInOrder = [...order].every(([slot, ordered]) => slot === ordered);
    return isInOrder ? [] : [{ ...scenario, steps }];
  },
};

/** An option that overrides one before it goes; one that is on is turned off. */
const SIMPLER_OPTIONS: Pass = {
  places: ({ options }) => options.split(',').length,
  at(scenario, place) {
    const options = scenario.options.split(',');
    const [key = '', value] = options[place]?.split('=') ?? [];
    const isRepeated = options.slice(0, place).some((other) => other.startsWith(`${key}=`));
    const simpler: string[][] = [];
    if (isRepeated) simpler.push(options.toSpliced(place, 1));
    if (value === undefined) simpler.push(options.toSpliced(place, 1));
    if (value !== undefined && value !== 'off') simpler.push(options.with(place, `${key}=off`));
    return simpler.map((rest) => ({ ...scenario, options: rest.join(',') }));
  },
};

/** Any option goes: for where a machine's defaults are looked at as well. */
export const WITHOUT_OPTION: Pass = {
  places: ({ options }) => options.split(',').length,
  at(scenario, place) {
    const options = scenario.options.split(',').toSpliced(place, 1).join(',');
    return scenario.options === '' ? [] : [{ ...scenario, options }];
  },
};

/** Leaves out what a mount of other places is told, one parameter or call at a time. */
export const WITHOUT_PARAMETER: Pass = {
  places({ mount }) {
    if (mount === undefined) return 0;
    return 'calls' in mount ? mount.calls.length : mount.params.length;
  },
  at({ mount, ...scenario }, place) {
    if (mount === undefined) return [];
    if ('calls' in mount) {
      return [{ ...scenario, mount: { calls: mount.calls.toSpliced(place, 1) } }];
    }
    return [{ ...scenario, mount: { ...mount, params: mount.params.toSpliced(place, 1) } }];
  },
};

/** A parameter of the module is as the kernel has it. */
export const USUAL_PARAMETERS: Pass = {
  places: ({ parameters }) => givenParameters(parameters).length,
  at({ parameters, ...scenario }, place) {
    const fewer = givenParameters(parameters).toSpliced(place, 1);
    if (fewer.length === 0) return [scenario];
    return [{ ...scenario, parameters: Object.fromEntries(fewer) }];
  },
};

/** The tree is looked at after each step, as always. */
const USUAL_LOOKS: Pass = {
  places: ({ looks }) => (looks === undefined ? 0 : 1),
  at: ({ looks: _, ...scenario }) => [scenario],
};

/** Root of the machine mounts, or at least one who is root outside as well. */
const USUAL_MOUNTER: Pass = {
  places: ({ mounter }) => (mounter === undefined ? 0 : 1),
  at({ mounter, ...scenario }) {
    if (mounter === undefined) return [];
    const simpler: Mounter = { as: 'root' };
    return mounter.as === 'root' ? [scenario] : [scenario, { ...scenario, mounter: simpler }];
  },
};

/** What is tried after leaving out steps, again and again until nothing gets smaller. */
export const PASSES: readonly Pass[] = [
  ...[WITHOUT_LAYER_CONTENT, WITHOUT_LOWERS, OWN_IDS, FEWER_BASES, USUAL_BASES],
  ...[WITHOUT_ENTRIES, ...BEFOREHAND, SHORTER_PATHS, SIMPLER_STEPS, SIMPLER_ENTRIES],
  ...[SIMPLER_OPTIONS, USUAL_PARAMETERS, USUAL_MOUNTER, USUAL_LOOKS],
  ...[NAMES_IN_ORDER, SLOTS_IN_ORDER],
];

function countEntries({ layers }: Scenario): number {
  return layers.reduce((sum, { entries }) => sum + entries.length, 0);
}

function withEntries(
  { layers, ...rest }: Scenario,
  place: number,
  change: (entries: LayerSpec['entries'], at: number) => LayerSpec['entries'],
): Scenario {
  let at = place;
  return {
    ...rest,
    layers: layers.map((layer) => {
      const here = at;
      at -= layer.entries.length;
      const isHere = here >= 0 && here < layer.entries.length;
      return isHere ? { ...layer, entries: change(layer.entries, here) } : layer;
    }),
  };
}

const PATH_KEYS = ['from', 'path', 'target', 'to'] as const;

/** Directories that some path goes through. */
function dirsOf(scenario: Scenario): readonly string[] {
  const dirs = new Set<string>();
  mapPaths(scenario, (path) => {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      dirs.add(path.slice(0, slash));
    }
    return path;
  });
  return [...dirs];
}

/** Changes every path of a scenario, those in symlinks included. */
export function mapPaths(scenario: Scenario, change: (path: string) => string): Scenario {
  return {
    ...scenario,
    layers: scenario.layers.map((layer) => ({
      ...layer,
      entries: layer.entries.map((entry) => mapFields(entry, change)),
    })),
    steps: scenario.steps.map((step) => ({ ...step, args: mapFields(step.args, change) }) as Step),
  };
}

function mapFields<T extends object>(object: T, change: (path: string) => string): T {
  const changed: Record<string, unknown> = {};
  for (const key of PATH_KEYS) {
    const value: unknown = key in object ? object[key as keyof T] : undefined;
    if (typeof value === 'string') changed[key] = change(value);
  }
  return { ...object, ...changed };
}
