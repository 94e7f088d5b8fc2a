import type { OpName } from '../model/ops/index.ts';
import { DEFAULT_BASE } from './bases.ts';
import type { Pass } from './shrink-passes.ts';

/** Steps that do something to the device of a file system. */
const NEEDS_DEVICE: ReadonlySet<OpName> = new Set(['crash', 'failDevice', 'repairDevice']);

/** Layers move to the first file system, and one that nothing is on goes. */
export const FEWER_BASES: Pass = {
  places: ({ layers, otherBases = [] }) => layers.length + otherBases.length,
  at(scenario, place) {
    const { layers, otherBases = [], ...rest } = scenario;
    const { on = 0, ...layer } = layers[place] ?? {};
    if (on > 0 && 'role' in layer) return [{ ...scenario, layers: layers.with(place, layer) }];
    const gone = place - layers.length + 1;
    if (gone < 1 || layers.some((other) => other.on === gone)) return [];
    const others = otherBases.toSpliced(gone - 1, 1);
    const moved = layers.map((other) => {
      return other.on !== undefined && other.on > gone ? { ...other, on: other.on - 1 } : other;
    });
    return [{ ...rest, ...(others.length > 0 ? { otherBases: others } : {}), layers: moved }];
  },
};

/** No mount of a layer maps ids. */
export const OWN_IDS: Pass = {
  places: ({ layers }) => layers.length,
  at(scenario, place) {
    const { mapped, ...layer } = scenario.layers[place] ?? {};
    if (mapped === undefined || !('role' in layer)) return [];
    return [{ ...scenario, layers: scenario.layers.with(place, layer) }];
  },
};

/** A file system is one that needs nothing below it. */
export const USUAL_BASES: Pass = {
  places: ({ otherBases = [] }) => 1 + otherBases.length,
  at(scenario, place) {
    const { base, otherBases = [], steps } = scenario;
    if (place === 0) {
      const isUsual = base === DEFAULT_BASE || steps.some(({ op }) => NEEDS_DEVICE.has(op));
      return isUsual ? [] : [{ ...scenario, base: DEFAULT_BASE }];
    }
    if (otherBases[place - 1] === DEFAULT_BASE) return [];
    return [{ ...scenario, otherBases: otherBases.with(place - 1, DEFAULT_BASE) }];
  },
};
