import type fc from 'fast-check';
import { BASE_PROFILES, BASE_TYPES, UPPER_TYPES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import type { OpenFlag } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick, spin, wheel } from './draw.ts';

/** Every file system and arrangement that is modelled. */
export const ANY_BASE = 'any';
export const DEFAULT_BASE = 'tmpfs';

const OTHERS_MAX = 3;

/** File systems by name, that of the upper layer first; null when one is unknown. */
export function basesOf(names: string): readonly BaseType[] | null {
  const bases = names.split(',').map((name) => BASE_TYPES.find((type) => type === name));
  const [first, ...others] = bases;
  if (first === undefined || !UPPER_TYPES.includes(first)) return null;
  return others.every((base) => base !== undefined) ? [first, ...others] : null;
}

/** Puts the layers of a scenario on the file systems that were asked for. */
export function onBases(random: fc.Random, scenario: Scenario, names: string): Scenario {
  if (names === DEFAULT_BASE) return scenario;
  const bases = names === ANY_BASE ? drawBases(random) : basesOf(names);
  const [base, ...otherBases] = bases ?? [];
  if (base === undefined) throw new RangeError(`no file systems ${names}`);
  const drawn = scenario.layers.map(({ role }) => {
    const isAlone = otherBases.length === 0 || chance(random, 35);
    return role === 'upper' || isAlone ? 0 : random.nextInt(1, otherBases.length);
  });
  // What nothing is on need not be mounted.
  const used = otherBases.map((_, index) => index + 1).filter((on) => drawn.includes(on));
  const layers = scenario.layers.map((layer, at) => {
    const on = used.indexOf(drawn[at] ?? 0) + 1;
    return on === 0 ? layer : { ...layer, on };
  });
  const others = used.flatMap((on) => otherBases[on - 1] ?? []);
  const isPlain = [base, ...others].every((each) => each === DEFAULT_BASE);
  const drawnSteps = isPlain ? scenario.steps : scenario.steps.map(withoutDirect);
  const seeksFromBefore = [base, ...others].some((type) => BASE_PROFILES[type].seeksFromBefore);
  const soughtSteps = seeksFromBefore ? drawnSteps.map(withoutSeekFromBefore) : drawnSteps;
  const steps = soughtSteps.map((step) => withFormat(step, base));
  const more = others.length > 0 ? { otherBases: others } : {};
  return { ...scenario, base, ...more, layers, steps };
}

/** What alignment O_DIRECT needs on devices is not modelled. */
function withoutDirect(step: Step): Step {
  if (step.op === 'open') return { ...step, args: withoutFlag(step.args) };
  return step.op === 'openat2' ? { ...step, args: withoutFlag(step.args) } : step;
}

function withoutFlag<T extends { readonly flags: readonly OpenFlag[] }>(args: T): T {
  if (!args.flags.includes('O_DIRECT')) return args;
  return { ...args, flags: args.flags.filter((flag) => flag !== 'O_DIRECT') };
}

/** What is found from before the start depends on what is on the disk already. */
function withoutSeekFromBefore(step: Step): Step {
  if (step.op !== 'lseek' || step.args.whence !== 'SEEK_DATA') return step;
  return { ...step, args: { ...step.args, offset: Math.max(step.args.offset, 0) } };
}

/** Without the flag of its format ext4 would convert a file. */
function withFormat(step: Step, base: BaseType): Step {
  if (step.op !== 'setFlags') return step;
  const flags = [...step.args.flags, ...BASE_PROFILES[base].ownFlags];
  return { ...step, args: { ...step.args, flags } };
}

/** What containers and routers have below is mostly an image. */
const OTHER_BASES = wheel(
  BASE_TYPES.map((type) => [type, UPPER_TYPES.some((upper) => upper === type) ? 1 : 3] as const),
);

function drawBases(random: fc.Random): readonly BaseType[] {
  const bases = [pick(random, UPPER_TYPES)];
  while (bases.length <= OTHERS_MAX && chance(random, 80)) bases.push(spin(random, OTHER_BASES));
  return bases;
}
