import type { ContextCall } from '../model/mount-plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** Plans of fsconfig(2): some calls, then those that mount, then some more. */
interface Family {
  readonly count: number;
  readonly callsAt: (index: number) => readonly ContextCall[];
}

const CREATE: ContextCall = { call: 'create' };
const MOUNT: ContextCall = { call: 'mount' };
const UPPER = [text('upperdir', '@u'), text('workdir', '@w')];

function text(key: string, value: string): ContextCall {
  return { call: 'string', key, value };
}

function fd(key: string, value: string, opened: 'O_PATH' | 'O_RDONLY' = 'O_RDONLY'): ContextCall {
  return { call: 'fd', key, value, opened };
}

/** Parameters that name lower layers, right and wrong. */
const LOWERS: readonly ContextCall[] = [
  ...[
    '',
    '@l0',
    '@l0:@l1',
    '@l0::@l2',
    '@l0::@l1:@l2',
    ':@l0',
    '@l0:::@l1',
    '@l0:@l1:@missing',
  ].map((value) => text('lowerdir', value)),
  ...['', '@l0', '@l1', '@a:b', String.raw`@a\:b`, '@missing', '@file'].map((value) =>
    text('lowerdir+', value),
  ),
  ...['@l0', '@l2'].map((value) => text('datadir+', value)),
  ...[fd('lowerdir', '@l0'), fd('lowerdir+', '@l1', 'O_PATH'), fd('datadir+', '@l2')],
];

const STEPS: readonly ContextCall[] = [
  ...[CREATE, MOUNT, text('lowerdir', '@l0:@l1'), text('index', 'on'), text('bogus', 'on')],
  ...([{ call: 'flag', key: 'ro' }, { call: 'reconfigure' }, { call: 'pick' }] as const),
  ...([
    { call: 'flag', key: 'rw' },
    { call: 'remount', options: 'index=bogus,bogus' },
  ] as const),
];

const KEYS = [
  ...['lowerdir', 'lowerdir+', 'datadir+', 'upperdir', 'workdir', 'source', 'ro', 'bogus'],
  ...['default_permissions', 'redirect_dir', 'index', 'nfs_export', 'metacopy', 'xino', 'uuid'],
  ...['userxattr', 'volatile', 'fsync', 'verity', 'override_creds', 'nooverride_creds'],
];
const VALUES = ['', 'on', 'off', 'auto', 'bogus', 'on,off'];
const PLACE_VALUES = ['', '@l1', '@u', '@w', '@file'];

/** Each parameter in each form that fsconfig(2) has. */
const PARAMETERS: readonly ContextCall[] = KEYS.flatMap((key): readonly ContextCall[] => {
  const values = /^(lower|upper|work|data)dir/.test(key) ? PLACE_VALUES : VALUES;
  return [
    { call: 'flag', key },
    ...PLACE_VALUES.flatMap((value) => [fd(key, value, 'O_PATH'), fd(key, value)]),
    ...values.map((value): ContextCall => ({ call: 'string', key, value })),
    ...(['binary', 'path', 'path-empty'] as const).map((call): ContextCall => {
      return { call, key, value: values[1] ?? '' };
    }),
  ];
});

const LAST = [CREATE, MOUNT];

/** Every sequence of so many of the calls. */
function sequences(
  from: readonly ContextCall[],
  length: number,
  around: (middle: readonly ContextCall[]) => readonly ContextCall[],
): Family {
  return {
    count: from.length ** length,
    callsAt(index) {
      const middle: ContextCall[] = [];
      let rest = index;
      for (let at = 0; at < length; at++) {
        const call = from[rest % from.length];
        rest = Math.floor(rest / from.length);
        if (call !== undefined) middle.push(call);
      }
      return around(middle);
    },
  };
}

const LOWERS_IN_A_ROW = [0, 1, 2, 3] as const;
const STEPS_IN_A_ROW = [1, 2, 3] as const;
const WELL_NAMED = [text('lowerdir', '@l0'), ...UPPER];

const FAMILIES: readonly Family[] = [
  ...LOWERS_IN_A_ROW.map((length) => sequences(LOWERS, length, (some) => [...some, ...LAST])),
  ...LOWERS_IN_A_ROW.slice(0, 3).map((length) =>
    sequences(LOWERS, length, (some) => [...UPPER, ...some, ...LAST]),
  ),
  ...STEPS_IN_A_ROW.map((length) => sequences(STEPS, length, (some) => [...WELL_NAMED, ...some])),
  ...STEPS_IN_A_ROW.map((length) =>
    sequences(STEPS, length, (some) => [...WELL_NAMED, ...LAST, ...some]),
  ),
  ...STEPS_IN_A_ROW.map((length) =>
    sequences(STEPS, length, (some) => [text('lowerdir', '@l0:@l1'), ...LAST, ...some]),
  ),
  sequences(PARAMETERS, 1, (some) => [...WELL_NAMED, ...some, ...LAST]),
  sequences(PARAMETERS, 1, (some) => [...some, ...WELL_NAMED, ...LAST]),
  sequences(PARAMETERS, 1, (some) => [...WELL_NAMED, ...LAST, ...some]),
];

/** How many plans of calls there are. */
export const CONTEXTS = FAMILIES.reduce((sum, { count }) => sum + count, 0);

/** Plan number `index`. */
export function contextAt(index: number): Scenario {
  let rest = index;
  for (const { count, callsAt } of FAMILIES) {
    if (rest < count) {
      const mount = { calls: callsAt(rest) };
      return { base: 'tmpfs', layers: [], options: '', steps: [], mount };
    }
    rest -= count;
  }
  throw new RangeError(`there is no plan ${index}`);
}
