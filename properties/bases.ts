import type fc from 'fast-check';
import { BASE_TYPES } from '../model/scenario.ts';
import type { BaseType, Scenario } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';

/** Every file system and arrangement that is modelled. */
export const ANY_BASE = 'any';
export const DEFAULT_BASE = 'tmpfs';

const OTHERS_MAX = 3;

/** File systems by name, that of the upper layer first; null when one is unknown. */
export function basesOf(names: string): readonly BaseType[] | null {
  const bases = names.split(',').map((name) => BASE_TYPES.find((type) => type === name));
  return bases.every((base) => base !== undefined) ? bases : null;
}

/** Puts the layers of a scenario on the file systems that were asked for. */
export function onBases(random: fc.Random, scenario: Scenario, names: string): Scenario {
  if (names === DEFAULT_BASE) return scenario;
  const bases = names === ANY_BASE ? drawBases(random) : basesOf(names);
  const [base, ...otherBases] = bases ?? [];
  if (base === undefined) throw new RangeError(`no file systems ${names}`);
  if (otherBases.length === 0) return { ...scenario, base };
  const layers = scenario.layers.map((layer) => {
    const on = layer.role === 'upper' ? 0 : random.nextInt(0, otherBases.length);
    return on === 0 ? layer : { ...layer, on };
  });
  return { ...scenario, base, otherBases, layers };
}

function drawBases(random: fc.Random): readonly BaseType[] {
  const bases = [pick(random, BASE_TYPES)];
  while (bases.length <= OTHERS_MAX && chance(random, 60)) bases.push(pick(random, BASE_TYPES));
  return bases;
}
