import type { StringPlan } from '../model/mount-plan.ts';
import type { Scenario } from '../model/scenario.ts';

const UPPERS = ['', '@u', '@u/in', '@w', '@l0', '@file', '@missing', '@bind/u', '@other/u'];
const WORKS = [
  ...['', '@w', '@w/in', '@u', '@u/in', '@l0', '@l0/in', '@file', '@missing'],
  ...['@bind/w', '@shared/w', '@other/w'],
];
const LOWERS = [
  ...['', '@l0', '@l0:@l1', '@l1:@l0:@l2', '@l0:@l0', '@u', '@w', '@u/in', '@w/in', '@l0/in'],
  ...['@l0:@l0/in', '@l0/in:@l0', '@missing', '@file', '@l0:@missing', ':@l0', '@l0:', '@l0::'],
  ...['@l0::@l1', '@l0:::@l1', '@l0::@l1:@l2', '::@l0', '@l0:@l1::@l2', '@l0::@l1::@l2'],
  ...['@other/l', '@l0:@other/l', '@other/l:@l0', String.raw`@a\:b`, String.raw`@l0:@a\,b`],
  ...['@a:b', '@bind', '@shared:@bind', '@bind/u:@shared', '@l0::@l0'],
];

type Param = StringPlan['params'][number];

/** Every choice of an option: not there at all, then each value. */
function choices(key: Param['key'], values: readonly string[]): readonly (Param | null)[] {
  return [null, ...values.map((value) => ({ key, value }))];
}

const DIMENSIONS = [
  choices('lowerdir', LOWERS),
  choices('upperdir', UPPERS),
  choices('workdir', WORKS),
] as const;
const ORDERS = 2;

/** How many mounts of layers there are: right ones, wrong ones and both together, in two orders. */
export const PLANS = DIMENSIONS.reduce((product, { length }) => product * length, ORDERS);

/** Mount number `index`, with its parameters in one order or the other. */
export function planAt(index: number): Scenario {
  let rest = Math.floor(index / ORDERS);
  const params: Param[] = [];
  for (const values of DIMENSIONS) {
    const param = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    if (param !== null && param !== undefined) params.push(param);
  }
  if (index % ORDERS === 1) params.reverse();
  return { base: 'tmpfs', layers: [], options: '', steps: [], mount: { params } };
}
