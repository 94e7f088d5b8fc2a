import { UPPER_TYPES } from '../model/bases.ts';
import type { Scenario } from '../model/scenario.ts';
import { ANY_BASE, basesOf } from './bases.ts';
import type { Place, Variation } from './explain.ts';
import { FEATURES, isMountable, semanticsOf } from './options.ts';
import type { OptionsOf } from './options.ts';

/** What is asked of the machine that variations run on. */
export interface MountWishes {
  /** File systems that it has, as the campaign was told of them. */
  readonly base: string;
  readonly release: string;
}

/** The value of each option that turns a feature on, off or between, and the file system. */
export function mountPlaces(scenario: Scenario, wishes: MountWishes): readonly Place[] {
  if (scenario.mount !== undefined) return [];
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  const of: OptionsOf = { semantics: semanticsOf(wishes.release), hasUpper };
  const features = FEATURES.map(([key, ...values]): Place => {
    const variations = [...new Set(values)].flatMap((value) =>
      otherValue(scenario, key, value, of),
    );
    return { at: 'mount', what: key, variations };
  });
  return [
    ...features,
    { at: '', what: 'file system', variations: otherBases(scenario, wishes) },
    { at: '', what: 'file system of lower layers', variations: lowerBases(scenario, wishes) },
  ];
}

/** Whether the kernel takes the mount string of a scenario, by its model. */
export function canBeMounted({ options, layers }: Scenario, { release }: MountWishes): boolean {
  const hasUpper = layers.some(({ role }) => role === 'upper');
  return isMountable(options, { semantics: semanticsOf(release), hasUpper });
}

/** None for what is given already, or what no mount can have with the others. */
function otherValue(
  { options }: Scenario,
  key: string,
  value: string,
  of: OptionsOf,
): readonly Variation[] {
  const setting = `${key}=${value}`;
  if (options.split(',').includes(setting)) return [];
  const alone = withSetting(options, setting);
  if (isMountable(alone, of)) {
    return [variation(value, (drawn) => withSetting(drawn, setting))];
  }
  // Some need another one, or that it is off.
  for (const [other, ...others] of FEATURES) {
    for (const otherValue of other === key ? [] : others) {
      const second = `${other}=${otherValue}`;
      if (!isMountable(withSetting(alone, second), of)) continue;
      const says = `${value} (and ${second})`;
      const change = (drawn: string): string => withSetting(withSetting(drawn, setting), second);
      return [{ ...variation(says, change), along: other }];
    }
  }
  return [];
}

function variation(says: string, change: (options: string) => string): Variation {
  return { says, of: (drawn) => ({ ...drawn, options: change(drawn.options) }) };
}

function withSetting(options: string, setting: string): string {
  const [key = ''] = setting.split('=');
  const others = options.split(',').filter((each) => each !== '' && !each.startsWith(`${key}=`));
  return [...others, setting].join(',');
}

/** Other file systems for the upper layer that the machine has. */
function otherBases({ base }: Scenario, wishes: MountWishes): readonly Variation[] {
  const there = wishes.base === ANY_BASE ? UPPER_TYPES : (basesOf(wishes.base) ?? []);
  const others = UPPER_TYPES.filter((type) => type !== base && there.includes(type));
  return others.map((other) => ({
    says: other,
    of: (scenario) => ({ ...scenario, base: other }),
  }));
}

/** Those asked for by name may have the lower layers, where all layers are on one so far. */
function lowerBases(scenario: Scenario, wishes: MountWishes): readonly Variation[] {
  if (scenario.otherBases !== undefined) return [];
  const [, ...there] = basesOf(wishes.base) ?? [];
  const others = new Set(there.filter((type) => type !== scenario.base));
  return [...others].map((other) => ({
    says: other,
    of: ({ layers, ...drawn }) => ({
      ...drawn,
      otherBases: [other],
      layers: layers.map((layer) => (layer.role === 'upper' ? layer : { ...layer, on: 1 })),
    }),
  }));
}
