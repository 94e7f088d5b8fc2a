import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { ANY_BASE, basesOf } from './bases.ts';
import { checkMounts, TOGETHER } from './check-mounts.ts';
import { MOUNTS, mountAt } from './option-product.ts';
import { SEQUENCES, sequenceAt } from './option-sequences.ts';
import type { Property } from './property.ts';

/** One file system or several, those that have less included; that of the upper layer is first. */
const SETS: readonly string[] = [
  ...['ext4', 'xfs', 'btrfs', 'ext4,xfs', 'btrfs,ext4'],
  ...['tmpfs,tmpfs', 'tmpfs,squashfs', 'ext4,erofs'],
];

const EACH = SEQUENCES + MOUNTS;

/** Every combination of options again, with layers on file systems that were named, or on any. */
export function mountOptionsOn(property: Property, names: string): Property {
  const sets = names === ANY_BASE ? SETS : [names];
  return {
    ...property,
    list: { count: sets.length * EACH, together: TOGETHER, check: checkMounts },
    scenarioAt(_, index) {
      const set = sets[Math.floor(index / EACH)];
      if (set === undefined) throw new RangeError(`there is no mount ${index}`);
      const at = index % EACH;
      return placed(at < SEQUENCES ? sequenceAt(at) : mountAt(at - SEQUENCES), set);
    },
  };
}

/** The upper layer is on the first one, lower ones are on those that follow, or on all in turn. */
function placed({ layers, ...scenario }: Scenario, names: string): Scenario {
  const [base, ...others] = basesOf(names) ?? [];
  if (base === undefined) throw new RangeError(`no file systems ${names}`);
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const bases = others.length + 1;
  const on = layers.map(({ role }, index) => {
    if (role === 'upper' || others.length === 0) return 0;
    return hasUpper ? 1 + (index % others.length) : index % bases;
  });
  const moved = layers.map((layer, index): LayerSpec => {
    const { [index]: where = 0 } = on;
    return where === 0 ? layer : { ...layer, on: where };
  });
  return { ...scenario, base, ...(others.length > 0 ? { otherBases: others } : {}), layers: moved };
}
