import type { ContextCall, MountPlan, StringPlan } from '../model/mount-plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** What mount(2) reads of a string, and what fsconfig(2) takes as one. */
const PAGE_BYTES = 4095;
const VALUE_BYTES = 255;
/** How many lower layers a mount may have. */
const LOWERS = 500;

type Param = StringPlan['params'][number];

const UPPER: readonly Param[] = [
  { key: 'upperdir', value: '@u' },
  { key: 'workdir', value: '@w' },
];
const LAST: readonly ContextCall[] = [{ call: 'create' }, { call: 'mount' }];

/** Around the longest string that mount(2) reads, cut at every place of what is at its end. */
function cutStrings(): MountPlanWithOptions[] {
  const ends = ['metacopy=on', 'redirect_dir=nofollow', 'volatile,index=on', 'default_permissions'];
  return ends.flatMap((options) =>
    Array.from({ length: options.length + 3 }, (_, more): MountPlanWithOptions => {
      const bytes = PAGE_BYTES - options.length - 1 + more;
      return { mount: { params: fill(UPPER, bytes), isRelative: true }, options };
    }),
  );
}

/** Parameters of so many bytes in all, a lower layer first whose name is as long as it takes. */
function fill(rest: readonly Param[], bytes: number): readonly Param[] {
  const lower = 'lowerdir=l0';
  const others = rest.map(({ key, value }) => `,${key}=${value.slice(1)}`).join('');
  const slashes = '/'.repeat(Math.max(0, bytes - lower.length - others.length));
  return [{ key: 'lowerdir', value: `@l0${slashes}` }, ...rest];
}

/** The layers last: what is cut off is the end of a name. */
function cutNames(): MountPlanWithOptions[] {
  return Array.from({ length: 12 }, (_, more): MountPlanWithOptions => {
    const slashes = '/'.repeat(
      PAGE_BYTES - 'lowerdir=l1,upperdir=u,workdir=w/in'.length + more - 6,
    );
    const lower: Param = { key: 'lowerdir', value: `@l1${slashes}` };
    const upper: readonly Param[] = [
      { key: 'upperdir', value: '@u' },
      { key: 'workdir', value: '@w/in' },
    ];
    return { mount: { params: [lower, ...upper], isRelative: true }, options: '' };
  });
}

/** As many lower layers as there may be and one more, by each way to name them. */
function manyLayers(): MountPlanWithOptions[] {
  return [LOWERS - 1, LOWERS, LOWERS + 1].flatMap((count) => {
    const names = Array.from({ length: count }, (_, index) => `@m/${index}`);
    const value = names.join(':');
    const data = `${names.slice(0, -1).join(':')}::${names.at(-1) ?? ''}`;
    const lowers = [value, data].map((all): Param => ({ key: 'lowerdir', value: all }));
    const added = names.map((name): ContextCall => text('lowerdir+', name));
    return [
      ...lowers.flatMap((lower) =>
        [[lower], [lower, ...UPPER]].map((params): MountPlanWithOptions => {
          return { mount: { params, isRelative: true }, options: '' };
        }),
      ),
      { mount: { calls: [...added, ...LAST] }, options: '' },
      {
        mount: { calls: [...added.slice(0, -1), text('datadir+', names.at(-1) ?? ''), ...LAST] },
        options: '',
      },
    ];
  });
}

/** Around the longest value of fsconfig(2). */
function longValues(): MountPlanWithOptions[] {
  return ['lowerdir', 'lowerdir+', 'upperdir', 'workdir'].flatMap((key) =>
    [VALUE_BYTES - 1, VALUE_BYTES, VALUE_BYTES + 1].map((bytes): MountPlanWithOptions => {
      const name = { lowerdir: 'l1', 'lowerdir+': 'l1', upperdir: 'u', workdir: 'w' }[key] ?? '';
      const long = `@${name}${'/'.repeat(bytes - name.length)}`;
      const usual = UPPER.map(({ key: other, value }) => text(other, value));
      const calls = [text('lowerdir+', '@l0'), ...usual, text(key, long), ...LAST];
      return { mount: { calls }, options: '' };
    }),
  );
}

function text(key: string, value: string): ContextCall {
  return { call: 'string', key, value };
}

interface MountPlanWithOptions {
  readonly mount: MountPlan;
  readonly options: string;
}

const ALL: readonly MountPlanWithOptions[] = [
  ...[...cutStrings(), ...cutNames(), ...longValues(), ...manyLayers()],
];

/** How many mounts there are at the limits of what a mount is told. */
export const LENGTHS = ALL.length;

/** Mount number `index`. */
export function lengthAt(index: number): Scenario {
  const plan = ALL[index];
  if (plan === undefined) throw new RangeError(`there is no mount ${index}`);
  return { base: 'tmpfs', layers: [], steps: [], ...plan };
}
