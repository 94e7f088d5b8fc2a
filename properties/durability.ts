import { errnoName } from '../model/errno.ts';
import type { Kernel } from '../harness/kernel.ts';
import type { Difference, ObservedTrace } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { BOUND } from '../model/flags.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import { AROUND_OPS } from './around.ts';
import { chance, pick } from './draw.ts';
import { historyOf } from './durability-history.ts';
import { apply, contentDifferences, nameDifferences } from './durability-law.ts';
import type { History } from './durability-history.ts';
import type { Tree } from './durability-law.ts';
import { IS_VOLATILE } from './options.ts';
import type { Property } from './property.ts';
import { randomAt } from './random.ts';
import { scenarioAt } from './scenarios.ts';
import { withoutMarks } from './twin.ts';

/**
 * What a crash may leave. The file system below commits changes of names and attributes in the
 * order in which they were made (ext4 has one journal), and none of overlayfs is ever half made:
 * what is seen after the crash is what was seen after some step, and no earlier one than the last
 * that was promised to stay. Data is written when the kernel likes, so each byte of a file is what
 * it was at some time since the file was synced last, and so is its size; where the file was
 * shorter meanwhile a zero will do. Copy-up is no change of data: what nobody wrote to is whole.
 *
 * syncfs(2) and an unmount promise all that came before. fsync(2) of a file promises its data, and
 * its last change of names and attributes with all that came before it; fdatasync(2) the data. A
 * volatile mount promises nothing, but its mark comes before all other changes: who finds none
 * finds what there was at the mount.
 */
export const durability: Property = {
  name: 'durability',
  says: 'After a crash all is there that was synced, and the rest is old or new.',
  base: 'ext4',
  scenarioAt: scenarioWithCrash,

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const isVolatile = IS_VOLATILE.test(scenario.options);
    const differences = crashDifferences(scenario, observed, {
      ...{ isVolatile, refusals: () => refusalsWithoutCrash(scenario, kernel) },
    });
    return { differences, predicted: [], observed, sides: ['before', 'after'] };
  },
};

interface Promises {
  readonly isVolatile: boolean;
  /** What a mount may be refused with, crash or not. */
  readonly refusals?: () => readonly unknown[];
}

/** What the first crash left that it must not. */
export function crashDifferences(
  scenario: Scenario,
  observed: ObservedTrace,
  { isVolatile, refusals = () => [] }: Promises,
): readonly Difference[] {
  const { steps } = withEpilogue(scenario);
  const step = steps.findIndex(({ op }) => op === 'crash') + 1;
  const crashed = observed[step];
  const crash = steps[step - 1];
  // A mount may have failed before.
  if (crash?.op !== 'crash' || crashed === undefined || observed[0]?.result.ok !== true) return [];
  const history = historyOf(steps, observed.slice(0, step), isVolatile);
  const hasMark = isVolatile && scenario.layers.some(({ role }) => role === 'upper');
  const { result, merged, treeError } = crashed;
  const mayRefuse = hasMark && !result.ok && result.errno === 'EINVAL';
  if (mayRefuse || (!result.ok && refusals().includes(result.errno))) return [];
  if (!result.ok) return [refusal(step, 'success', String(result.errno))];
  if (hasMark && crash.args.journal === 'flushed') return [refusal(step, 'EINVAL', 'success')];
  if (merged === null) return [treeless(step, treeError)];
  const last = history.moments.at(-1)?.tree ?? new Map();
  return leastDifferences(history, apply(last, merged), {
    ...{ step, options: scenario.options, isAsMounted: hasMark },
  });
}

interface AfterCrash {
  readonly step: number;
  readonly options: string;
  /** What steps did is not there. */
  readonly isAsMounted: boolean;
}

/** What steps left may be in the way of any mount, as leftovers in the index directory are. */
function refusalsWithoutCrash(
  scenario: Scenario,
  { release, environment }: Pick<Kernel, 'release' | 'environment'>,
): readonly unknown[] {
  const last = simulate(scenario, profileOfRelease(release), environment).at(-1)?.result;
  return last === undefined || last.ok ? [] : last.anyOf;
}

/** What is there compared with what was there after each step that it may be of. */
function leastDifferences(
  { moments, since }: History,
  after: Tree,
  { step, options, isAsMounted }: AfterCrash,
): readonly Difference[] {
  let least: readonly Difference[] | null = null;
  const choices = isAsMounted ? moments.slice(0, 1) : moments.slice(since).toReversed();
  for (const moment of choices) {
    const names = nameDifferences(step, moment, after, options);
    const differences = names.length > 0 ? names : contentDifferences(step, moment, after);
    if (differences.length === 0) return [];
    if (least === null || differences.length < least.length) least = differences;
  }
  return least ?? [];
}

function refusal(step: number, predicted: string, observed: string): Difference {
  return { step, field: 'result errno', at: 'result', predicted, observed };
}

function treeless(step: number, errno: number): Difference {
  const observed = errnoName(errno) ?? String(errno);
  return { step, field: 'merged', at: 'merged', predicted: 'a tree', observed };
}

const SYNC_PERCENT = 12;
const SYNCS = ['fsync', 'fsync', 'fsync', 'fdatasync', 'fdatasync', 'syncfs'] as const;

/** The usual steps up to some point, with more syncs among them; then it crashes. */
function scenarioWithCrash(...[seed, index, wishes]: Parameters<Property['scenarioAt']>): Scenario {
  // Inode numbers of a mounter in a user namespace are others after any mount.
  const { mounter: _, ...scenario } = scenarioAt(seed, index, { ...wishes, base: 'ext4' });
  const random = randomAt(seed ^ CRASH_SALT, index);
  const made = scenario.steps.filter(({ op }) => {
    return OPS[op].result !== 'edit' && !MOUNTS.has(op) && !AROUND_OPS.has(op);
  });
  const steps = made.slice(0, random.nextInt(0, made.length)).flatMap((step) => {
    const fd = random.nextInt(0, BOUND.slots - 1);
    const sync: Step = { op: pick(random, SYNCS), args: { fd } };
    return chance(random, SYNC_PERCENT) ? [...withStatus(step), ...withStatus(sync)] : [step];
  });
  if (chance(random, SYNCED_NAME_PERCENT)) steps.push(...syncOfLastName(steps));
  const journal = pick(random, ['flushed', 'dropped'] as const);
  // Marks made by hand may show otherwise after any mount, and a layer that is mounted itself, to
  // map ids, keeps its file system in use.
  const layers = scenario.layers.map(({ mapped: _mapped, ...layer }) => {
    return { ...layer, entries: layer.entries.map(withoutMarks) };
  });
  return { ...scenario, layers, steps: [...steps, { op: 'crash', args: { journal } }] };
}

/** What programs do that want a new name to stay: they open its directory and sync that. */
const SYNCED_NAME_PERCENT = 35;
const NAMING: ReadonlySet<OpName> = new Set<OpName>([
  ...(['mkdir', 'mknod', 'symlink', 'link', 'rename', 'unlink', 'rmdir'] as const),
]);

function syncOfLastName(steps: readonly Step[]): readonly Step[] {
  const args = steps.findLast(({ op }) => NAMING.has(op))?.args;
  if (args === undefined) return [];
  const path = 'to' in args ? args.to : 'path' in args ? args.path : '.';
  const above = path.split('/').slice(0, -1).join('/');
  const fd = BOUND.slots - 1;
  const how = { path: above === '' ? '.' : above, flags: ['O_DIRECTORY'], mode: 0 } as const;
  return [{ op: 'open', args: { slot: fd, ...how } }, ...withStatus({ op: 'fsync', args: { fd } })];
}

const CRASH_SALT = 0x5ca1e;
/** Mounts of another kind, after which other things are seen. */
const MOUNTS: ReadonlySet<OpName> = new Set<OpName>(['rotate', 'mountOther']);

/** Which file was synced is asked right after that. */
function withStatus(step: Step): readonly Step[] {
  if (step.op !== 'fsync' && step.op !== 'fdatasync') return [step];
  return [step, { op: 'fstat', args: { fd: step.args.fd } }];
}
