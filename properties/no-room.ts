import type fc from 'fast-check';
import { BASE_PROFILES } from '../model/bases.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';
import { ANY_OPTIONS } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const SCENARIOS_PERCENT = 5;
const STREAM = 0x5200_0000;
/** So many steps find no room. */
const STEPS_MAX = 12;

/** It ends on another page than the one on which it begins. */
const ACROSS = 'across';

export const ROOM_OPS: ReadonlySet<OpName> = new Set<OpName>(['fillUp', 'makeRoom']);

/** Where all may occur, some upper file systems are full for a while; the rest is left as it is. */
export function withNoRoom(
  seed: number,
  index: number,
  scenario: Scenario,
  { options }: Pick<Wishes, 'options'>,
): Scenario {
  const { base, steps } = scenario;
  if (options !== ANY_OPTIONS || !BASE_PROFILES[base].isInMemory || steps.length < 2) {
    return scenario;
  }
  const random = randomAt(seed, index ^ STREAM);
  if (!chance(random, SCENARIOS_PERCENT)) return scenario;
  const from = random.nextInt(0, steps.length - 2);
  const to = random.nextInt(from + 1, Math.min(from + STEPS_MAX, steps.length - 1));
  const room = pick(random, ['data', 'inodes'] as const);
  const full: Step = { op: 'fillUp', args: { room } };
  const used = room === 'data' && chance(random, 40) ? useRoom(random, steps, from) : steps;
  return { ...scenario, steps: used.with(from, full).with(to, { op: 'makeRoom', args: {} }) };
}

/** What takes room at once, of the file that was opened last. */
function useRoom(random: fc.Random, steps: readonly Step[], from: number): readonly Step[] {
  const opened = steps.slice(0, from).findLast(isOpenForWriting);
  if (opened === undefined || from + 1 >= steps.length - 1) return steps;
  if (chance(random, 40)) {
    // The last page that is there takes some of it.
    const args = { fd: opened.args.slot, bytes: ACROSS, offset: pick(random, [4090, 4095, 8190]) };
    return steps.with(from + 1, { op: 'pwrite', args });
  }
  const range = {
    offset: pick(random, [0, 0, 100, 4096]),
    length: pick(random, [1, 4096, 10_000]),
  };
  const flags = pick(random, [[], ['FALLOC_FL_KEEP_SIZE']] as const);
  const args = { fd: opened.args.slot, flags, ...range };
  return steps.with(from + 1, { op: 'fallocate', args });
}

function isOpenForWriting(step: Step): step is Extract<Step, { op: 'open' }> {
  return step.op === 'open' && step.args.flags.includes('O_RDWR');
}
