import fc from 'fast-check';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step, User } from '../model/ops/index.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import type { ModuleParameters } from '../model/semantics/module-parameters.ts';
import { AROUND_OPS, withAround } from './around.ts';
import { DEFAULT_BASE, onBases } from './bases.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { ROOM_OPS, withNoRoom } from './no-room.ts';
import { OWN_OPS } from './own-ops.ts';
import type { Wheel } from './draw.ts';
import { FILE_USE_OPS, withFileUses } from './file-uses.ts';
import { FOCUS_FACTORS, focusAt, focusScope } from './focus.ts';
import { drawIdiom } from './idioms.ts';
import type { Idiom } from './idioms.ts';
import { drawLayers, withoutUpper } from './layers.ts';
import { drawMarks } from './marks.ts';
import { PrivateNames } from './private-names.ts';
import { drawMoreLayers } from './more-layers.ts';
import { withMappedLayers } from './mapped-layers.ts';
import { withMounter } from './mounters.ts';
import { OFFLINE_OPS, withEdits } from './offline.ts';
import { READ_ONLY_WEIGHTS, weightsFor } from './op-weights.ts';
import type { Weights } from './op-weights.ts';
import { ANY_OPTIONS, drawMountAgain, drawOptions, semanticsOf } from './options.ts';
import { randomAt } from './random.ts';
import { RARE_CALLS, withRareCalls } from './rare-calls.ts';
import { rareIdioms } from './rare-idioms.ts';
import { Rehearsal } from './rehearsal.ts';
import { Scope } from './scope.ts';
import { stockAt } from './stock.ts';
import { drawVerity } from './verity.ts';
import { drawArgs, fdUseOf } from './step-args.ts';

/** What the caller of a campaign decides about its scenarios. */
export interface Wishes {
  /** The mount string, or `any`. */
  readonly options: string;
  readonly stepCount: number;
  /** The file systems that layers are on, the upper one on the first; or `any`. */
  readonly base?: string;
  /** What the overlay module is told before the mount. */
  readonly parameters?: ModuleParameters;
  /** Root of a user namespace mounts, in every scenario. */
  readonly userns?: true;
  /** The kernel or profile that options are drawn for, where they are drawn. */
  readonly release?: string;
}

/** Every feature off, so that nothing depends on what a kernel was configured with. */
export const DEFAULT_OPTIONS = 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off';

const ELSEWHERE = [OFFLINE_OPS, AROUND_OPS, FILE_USE_OPS, RARE_CALLS, ROOM_OPS, OWN_OPS];
// OPS is a literal: it has no other keys.
const ALL_OPS = (Object.keys(OPS) as readonly OpName[]).filter(
  (op) => !ELSEWHERE.some((ops) => ops.has(op)),
);
/** How often an idiom starts where none is under way; some scenarios have none. */
const IDIOM_PERCENTS = [0, 10, 40, 90] as const;
/** Other steps come in between now and then. */
const IN_IDIOM_PERCENT = 90;
const SWARM_FACTORS = [0, 0, 1, 1, 2, 4, 8] as const;
const USERS: readonly Wheel<User>[] = [
  wheel([['root', 1]]),
  wheel([
    ['root', 10],
    ['alice', 3],
    ['bob', 1],
  ]),
  wheel([
    ['root', 4],
    ['alice', 6],
    ['bob', 2],
  ]),
];

/** Scenario `index` of a seed: the same on every machine, whatever came before. */
export function scenarioAt(seed: number, index: number, wishes: Wishes): Scenario {
  const random = randomAt(seed, index);
  const isAny = wishes.options === ANY_OPTIONS;
  const hasUpper = !isAny || chance(random, HAS_UPPER_PERCENT);
  const semantics = semanticsOf(wishes.release);
  const optionsOf = { semantics, hasUpper };
  const drawAny = isAny ? () => drawOptions(random, optionsOf) : null;
  const options = drawAny?.() ?? optionsAt(index, wishes);
  const names = new PrivateNames(seed, index, options);
  const rare = hasUpper ? rareIdioms(seed, index, { ...wishes, options }) : null;
  const clean = drawLayers(random, options);
  // What brings an object into a state fails where marks that make no sense are in the way.
  const usual = rare === null ? drawMarks(random, clean, options) : (stockAt(seed, index) ?? clean);
  const more = randomAt(seed, ~index);
  const all = drawVerity(more, drawMoreLayers(more, usual, options, semantics), options);
  const drawn = names.inLayers(all);
  const layers = hasUpper ? drawn : drawn.map(withoutUpper);
  const focus = focusAt(seed, index);
  const given = { layers, options, stepCount: wishes.stepCount, drawAny, rare, focus };
  const steps = drawSteps(random, given);
  const onOne: Scenario = { base: 'tmpfs', layers, options, steps };
  const edited = withAround(
    randomAt(~seed, index),
    withEdits(random, onBases(random, onOne, wishes.base ?? DEFAULT_BASE)),
    drawAny === null ? null : () => drawMountAgain(random, drawAny),
  );
  const machine = wishes.parameters === undefined ? {} : { parameters: wishes.parameters };
  const called = withRareCalls(seed, index, withFileUses(seed, index, edited));
  const used = withNoRoom(seed, index, called, wishes);
  const mounted = withMounter(seed, index, used, wishes);
  const placed = withMappedLayers(seed, index, mounted, wishes);
  return { ...placed, ...machine, steps: names.inSteps(placed.steps) };
}

/** Where all mounts may occur, some are for reading only. */
const HAS_UPPER_PERCENT = 88;

/** Now and then other options, some of which no kernel takes; not when any were asked for. */
const OTHER_OPTIONS: readonly string[] = [
  DEFAULT_OPTIONS.replace('xino=off', 'xino=on'),
  `${DEFAULT_OPTIONS},index=maybe`,
];
const OTHER_OPTIONS_EVERY = 12;

function optionsAt(index: number, { options }: Wishes): string {
  if (options !== DEFAULT_OPTIONS || index % OTHER_OPTIONS_EVERY !== 7) return options;
  const turn = Math.floor(index / OTHER_OPTIONS_EVERY);
  return OTHER_OPTIONS[turn % OTHER_OPTIONS.length] ?? options;
}

/** The same as an arbitrary, for tests. Shrinking is our own, on plain data: see shrink.ts. */
export function scenarios(wishes: Wishes): fc.Arbitrary<Scenario> {
  return fc.noShrink(fc.nat()).map((index) => scenarioAt(0, index, wishes));
}

/** What is settled before steps are drawn. */
interface Given {
  readonly layers: readonly LayerSpec[];
  readonly options: string;
  readonly stepCount: number;
  readonly drawAny: (() => string) | null;
  readonly rare: ReturnType<typeof rareIdioms>;
  /** Where all is to be about few names: what those are drawn from. */
  readonly focus: fc.Random | null;
}

/**
 * Swarm: each scenario switches some operations off and weighs the rest unevenly, so that some
 * scenarios are all renames and some have none.
 */
function drawSteps(
  random: fc.Random,
  { layers, options, stepCount, drawAny, rare, focus }: Given,
): readonly Step[] {
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const weights = hasUpper ? weightsFor(options) : READ_ONLY_WEIGHTS;
  const ops = drawOps(random, weights, focus === null ? SWARM_FACTORS : FOCUS_FACTORS);
  const users = pick(random, USERS);
  const scope = new Scope(random, layers, options);
  // Where nothing can be changed, how it fails is what there is to see.
  const rehearsal = hasUpper ? new Rehearsal({ layers, options }) : null;
  if (drawAny !== null) scope.drawOtherOptions = () => drawMountAgain(random, drawAny);
  if (focus !== null) focusScope(focus, scope);
  const drawnPercent = pick(random, IDIOM_PERCENTS);
  const idiomPercent = rare === null ? drawnPercent : Math.max(...IDIOM_PERCENTS);
  const steps: Step[] = [];
  let idiom: Idiom | null = null;
  let user: User = 'root';
  while (steps.length < stepCount) {
    if (idiom === null && chance(random, idiomPercent)) {
      idiom = rare?.(scope) ?? drawIdiom(scope);
      // What belongs together is done by one user.
      user = spin(random, users);
    }
    const next = idiom !== null && chance(random, IN_IDIOM_PERCENT) ? idiom.next() : null;
    if (next?.done === true) idiom = null;
    const isOfIdiom = next !== null && next.done !== true;
    const step = isOfIdiom ? next.value : drawStep(random, ops, scope);
    const by = step.as ?? (isOfIdiom ? user : spin(random, users));
    const as = OF_NOBODY.has(step.op) ? 'root' : by;
    const made = asUser(step, as);
    if (rehearsal?.takes(random, made, isOfIdiom) === false) continue;
    steps.push(made);
    scope.note(step);
  }
  return steps;
}

function asUser({ as: _, ...step }: Step, as: User): Step {
  return as === 'root' ? step : { ...step, as };
}

function drawStep(random: fc.Random, ops: Wheel<OpName>, scope: Scope): Step {
  const op = drawOp(random, ops, scope);
  // The arguments are drawn by the table of this very operation.
  return { op, args: drawArgs(scope, op) } as Step;
}

function drawOps(random: fc.Random, weights: Weights, factors: readonly number[]): Wheel<OpName> {
  return wheel(
    ALL_OPS.map((op) => {
      const factor = pick(random, factors);
      // Without open the operations on slots would all be EBADF.
      const isKept = op === 'open';
      return [op, (weights[op] ?? 4) * (isKept ? Math.max(1, factor) : factor)] as const;
    }),
  );
}

/** What the runner does rather than a user. */
const OF_NOBODY: ReadonlySet<OpName> = new Set<OpName>([
  'dropCaches',
  'remount',
  'rotate',
  'openHandleCold',
  'mountOther',
  'changeBeneath',
]);

const TAKES_MAP: ReadonlySet<OpName> = new Set(ALL_OPS.filter((op) => 'map' in OPS[op].args));
const TAKES_FD: ReadonlySet<OpName> = new Set(ALL_OPS.filter((op) => 'fd' in OPS[op].args));

/** What asks most of an open file that has no name any more. */
const FOR_ORPHANS: readonly OpName[] = ['fchmod', 'fchown', 'futimens', 'fsetxattr', 'linkFd'];

function drawOp(random: fc.Random, ops: Wheel<OpName>, scope: Scope): OpName {
  if (scope.hasOrphan && chance(random, 40)) return pick(random, FOR_ORPHANS);
  let op = spin(random, ops);
  if (TAKES_MAP.has(op) && !scope.hasMap(op === 'writeMap') && chance(random, 95)) op = 'mmap';
  // An empty slot is worth a try now and then, not at every start of a scenario.
  if (!TAKES_FD.has(op) || scope.hasSlotFor(fdUseOf(op)) || chance(random, 5)) return op;
  scope.wantedUse = fdUseOf(op);
  return 'open';
}
