import type { Kernel } from '../harness/kernel.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Checked, ObservedTrace } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import type { Entry, LayerSpec, Scenario } from '../model/scenario.ts';
import { plainTreeOf } from './plain-tree.ts';
import type { Property } from './property.ts';
import { AROUND_OPS } from './around.ts';
import { ROOM_OPS } from './no-room.ts';
import { RARE_CALLS } from './rare-calls.ts';
import { scenarioAt } from './scenarios.ts';
import { compareTwins } from './twin-compare.ts';
import type { TwinRun } from './twin-compare.ts';
import { isOwnFailure } from './twin-exceptions.ts';

export const twin: Property = {
  name: 'twin',
  says: 'Steps do on an overlay what they do on a plain file system that has the same tree.',
  // What another file system below cannot do shows until copy-up, and is no law.
  base: 'tmpfs',
  alsoOn: ['ext4', 'xfs', 'btrfs'],
  scenarioAt: scenarioOfTwins,

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const checked: Checked = {
      ...{ differences: [], predicted: [], observed },
      sides: ['plain file system', 'overlay'],
    };
    const run = await runTwin(scenario, observed, kernel);
    return run === null ? checked : { ...checked, differences: compareTwins(run) };
  },
};

/** The same steps on a plain file system; null where there is no tree to run them in. */
export async function runTwin(
  scenario: Scenario,
  overlay: ObservedTrace,
  kernel: Kernel,
): Promise<TwinRun | null> {
  const [mount] = overlay;
  const entries = mount === undefined ? null : plainTreeOf(mount);
  if (entries === null) return null;
  const { steps } = withEpilogue(scenario);
  const made = madeSteps(scenario, overlay);
  const plain = await kernel.runPlain({
    base: scenario.base,
    entries,
    steps: steps.filter((_, index) => made[index] === true),
  });
  return { scenario, entries, made, plain, overlay };
}

/** Whether every step of a scenario makes sense without layers. */
export function hasTwin({ steps, mount }: Scenario): boolean {
  return mount === undefined && steps.every(isPlain);
}

/** Which steps are made on the plain file system as well. */
function madeSteps(scenario: Scenario, observed: ObservedTrace): readonly boolean[] {
  return withEpilogue(scenario).steps.map((step, index) => {
    const result = observed[index + 1]?.result;
    if (result === undefined) return false;
    return result.ok || !isOwnFailure(step, scenario.options, result.errno);
  });
}

/**
 * What makes sense on both. The bytes of a handle are its file system's own: what flipping some
 * does is no law. Marks made by hand may say anything; what overlayfs writes itself is enough. A
 * plain tree has no layers to be edited or shared, is never read-only, and nobody else's than
 * root's: what root of a user namespace may do to it is another question.
 */
function scenarioOfTwins(...given: Parameters<Property['scenarioAt']>): Scenario {
  const scenario = scenarioAt(...given);
  const layers = scenario.layers.map((layer) => {
    return { ...layer, entries: layer.entries.map(withoutMarks) };
  });
  const steps = scenario.steps.flatMap((step): readonly Step[] => {
    if (!isPlain(step)) return [];
    if (step.op !== 'openHandle') return [step];
    return [{ ...step, args: { ...step.args, damage: 'none' } }];
  });
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const upper: LayerSpec = { role: 'upper', entries: [] };
  const { mounter: _, ...rest } = scenario;
  const options = rest.options.replace(READ_ONLY, '');
  return { ...rest, options, layers: hasUpper ? layers : [upper, ...layers], steps };
}

const READ_ONLY = /(^|,)ro$/;

function isPlain({ op }: Step): boolean {
  if ([AROUND_OPS, RARE_CALLS, ROOM_OPS].some((ops) => ops.has(op))) return false;
  // Names of one file may be inodes of their own in an overlay, each with its watch.
  if (op === 'watchChange') return false;
  return OPS[op].result !== 'edit' && op !== 'rotate';
}

/** Flags that nothing shows but a call for them, so that they are not made on a plain tree. */
const UNSEEN: readonly string[] = ['FS_NOATIME_FL', 'FS_SYNC_FL'];
const MARKS = /^(trusted|user)\.overlay\.(redirect|metacopy|whiteout|overlay\..*)$/;

/** Without marks made by hand, but those that change nothing once they are there. */
export function withoutMarks(entry: Entry): Entry {
  const flags = entry.flags?.filter((flag) => !UNSEEN.includes(flag));
  const seen = flags === undefined ? entry : { ...entry, flags };
  if (seen.xattrs === undefined) return seen;
  const xattrs = Object.entries(seen.xattrs).filter(([name]) => !MARKS.test(name));
  return { ...seen, xattrs: Object.fromEntries(xattrs) };
}
