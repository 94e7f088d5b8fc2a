import { BOUND } from '../model/flags.ts';
import type { Scenario } from '../model/scenario.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { randomAt } from './random.ts';
import { mapPaths } from './shrink-passes.ts';

const SCENARIOS_PERCENT = 12;
const STREAM = 0x7000_0000;
const LONG = 'n'.repeat(60);
const HAS_REDIRECTS = /(redirect_dir|metacopy)=on/;

/** Names that begin one another, that mean something elsewhere, or that are long. */
const OTHER_NAMES: readonly (readonly string[])[] = [
  ...[
    ['a', 'ab', 'abc'],
    ['ab', 'a', 'abc'],
    ['abc', 'ab', 'a'],
    ['b', 'ba', 'a'],
  ],
  ...[
    ['ab', 'ac', 'a'],
    ['a', 'A', 'aa'],
    ['.a', '..a', '...'],
    ['a.', 'a', 'a~'],
  ],
  ...[
    ['work', 'index', '#1'],
    ['upper', 'work', 'a'],
    [LONG, `${LONG}m`, `${LONG}n`],
  ],
  ...[
    ['a,b', 'a:b', 'a\\'],
    ['0', '00', '-'],
    ['a', `a${LONG}`, 'b'],
  ],
];

/** With these a path becomes too long to be a redirect, or is just short enough. */
const LONGEST_NAMES: readonly (readonly string[])[] = [
  ['n'.repeat(127), 'm'.repeat(127), 'o'.repeat(128)],
  ['n'.repeat(255), 'm'.repeat(253), 'b'],
  ['b', 'm'.repeat(252), 'o'.repeat(253)],
];

/** Gives the few names of some scenarios other ones; most are left as they are. */
export function withNames(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  if (!chance(random, SCENARIOS_PERCENT)) return scenario;
  const others = pick(random, namesFor(scenario));
  const names: readonly string[] = NAMES;
  let longest = 0;
  const rename = (path: string): string => {
    const parts = path.split('/').map((name) => others[names.indexOf(name)] ?? name);
    const renamed = parts.join('/');
    longest = Math.max(longest, renamed.length);
    return renamed;
  };
  const renamed = mapPaths(scenario, rename);
  if (longest > BOUND.pathBytes) return scenario;
  const layers = renamed.layers.map((layer) => ({
    ...layer,
    entries: layer.entries.map((entry) => {
      if (entry.xattrs === undefined) return entry;
      const xattrs = Object.entries(entry.xattrs).map(([name, value]) => {
        return [name, name.endsWith('.redirect') ? rename(value) : value] as const;
      });
      return { ...entry, xattrs: Object.fromEntries(xattrs) };
    }),
  }));
  return { ...renamed, layers };
}

/** What other file systems show of a directory hangs on how long its names are. */
function namesFor({ base, otherBases = [], options }: Scenario): typeof OTHER_NAMES {
  const isOnTmpfs = base === 'tmpfs' && otherBases.length === 0;
  return isOnTmpfs && HAS_REDIRECTS.test(options)
    ? [...OTHER_NAMES, ...LONGEST_NAMES]
    : OTHER_NAMES;
}
