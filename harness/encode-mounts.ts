import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { BOUND } from '../model/flags.ts';
import { errnoName } from '../model/errno.ts';
import type { MountPlan } from '../model/mount-plan.ts';
import type { MountView } from '../model/observation.ts';
import type { Observation } from '../model/prediction.ts';
import { mountPointOf } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { MNT_DETACH } from './constants.ts';
import { decodeMountinfo, ownCallFailed } from './decode.ts';
import { makePlaces, unmakePlaces } from './encode-places.ts';
import { mountBases, tearDown } from './encode-bases.ts';
import { contextResults, encodeContext } from './encode-context.ts';
import type { EncodedContext } from './encode-context.ts';
import type { Devices } from './devices.ts';
import { HarnessError } from './errors.ts';
import { GUEST, mountDataOf } from './guest.ts';
import { makeDir, unmount } from './guest-calls.ts';
import { changeParameters } from './module-parameters.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { ResultsReader } from './protocol/results.ts';
import type { CallResult } from './protocol/results.ts';
import { mountCall, readMountinfo } from './recipes.ts';

/** Plans of so much show less than a page; all others are read in two parts, and the end. */
const SHORT_CALLS_MAX = 64;
const SHORT_VALUE_BYTES_MAX = 1024;
const READS_OF_LONG = 3;

/** Mounts that follow one another in one program, each of layers nobody has mounted before. */
export interface EncodedMounts {
  readonly program: Buffer;
  readonly setupAt: number;
  /** How many instructions set up, before the first mount. */
  readonly setup: number;
  readonly mounts: readonly EncodedMount[];
  /** How many instructions clean up in the end. */
  readonly teardown: number;
  /** Results that nobody reads but to see that there is no failure. */
  readonly aside: ReadonlySet<number>;
}

interface EncodedMount {
  /** How often mountinfo is read. */
  readonly reads: number;
  /** How many instructions make its folders and settings, and take away mounts below it. */
  readonly made: number;
  readonly unmade: number;
  /** The calls that mount, where it is not mount(2). */
  readonly context: EncodedContext | null;
}

/**
 * One frame for a list of scenarios of which only the mount is looked at. Their layers are on the
 * same file systems.
 */
export function encodeMounts(
  scenarios: readonly Scenario[],
  machine: Environment,
  devices: Devices = [],
): EncodedMounts {
  const program = new ProgramBuilder();
  const { base = 'tmpfs', otherBases = [] } = scenarios[0] ?? {};
  const bases = { base, otherBases };
  tearDown(program, bases, 1, MNT_DETACH);
  const setupAt = program.instructions;
  mountBases(program, bases, devices);
  makeLowers(program, otherBases);
  const setup = program.instructions;
  const mounts = scenarios.map((scenario, index) => {
    return encodeMount(program, scenario, index, { machine, former: scenarios[index - 1] });
  });
  const teardownAt = program.instructions;
  changeParameters(program, machine, scenarios.at(-1)?.parameters);
  tearDown(program, bases, 0, 0);
  const teardown = program.instructions - teardownAt;
  return { program: program.finish(), setupAt, setup, mounts, teardown, aside: program.aside };
}

/** Lower layers are empty and nobody changes them, so that all mounts share them. */
function makeLowers(program: ProgramBuilder, otherBases: readonly BaseType[]): void {
  const points = otherBases.map((type, index) => {
    return BASE_PROFILES[type].isReadOnly ? null : `${mountPointOf(index + 1)}/`;
  });
  for (const point of ['', ...points]) {
    if (point === null) continue;
    for (let index = 0; index < BOUND.layers; index++) {
      makeDir(program, `${GUEST.layers}/${point}l${index}`);
    }
  }
}

function encodeMount(
  program: ProgramBuilder,
  scenario: Scenario,
  index: number,
  { machine, former }: { readonly machine: Environment; readonly former: Scenario | undefined },
): EncodedMount {
  const from = program.instructions;
  changeParameters(program, machine, former?.parameters, scenario.parameters);
  const own = `${GUEST.layers}/${index}`;
  const plan = scenario.mount;
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  if (plan !== undefined) makePlaces(program, own, plan);
  else if (hasUpper) {
    for (const dir of [own, `${own}/u`, `${own}/w`]) makeDir(program, dir);
  }
  const made = program.instructions - from;
  const isContext = plan !== undefined && 'calls' in plan;
  const context = isContext ? encodeContext(program, plan) : null;
  const data = mountDataOf(scenario, own);
  const { mounter } = scenario;
  if (!isContext) mountCall(program, mounter === undefined ? data : { data, mounter });
  const reads = plan !== undefined && isLong(plan) ? READS_OF_LONG : 1;
  readMountinfo(program, reads);
  unmount(program, GUEST.merged);
  const unmadeFrom = program.instructions;
  if (plan !== undefined) unmakePlaces(program, own, plan);
  // A small disk has room for few.
  else if (scenario.base !== 'tmpfs' && hasUpper) program.removeTree(own);
  return { made, reads, unmade: program.instructions - unmadeFrom, context };
}

/** Whether what mountinfo shows may be longer than a page. */
function isLong(plan: MountPlan): boolean {
  if ('calls' in plan) return plan.calls.length > SHORT_CALLS_MAX;
  return plan.params.some(({ value }) => value.length > SHORT_VALUE_BYTES_MAX);
}

/** What each mount did, in order. */
export function decodeMounts(
  { setupAt, setup, mounts, teardown, aside }: EncodedMounts,
  payload: Buffer,
): Observation<MountView>[] {
  const reader = new ResultsReader(payload, aside);
  readCalls(reader, setupAt);
  expectSuccess('set-up', readCalls(reader, setup - setupAt));
  const observed = mounts.map((mount) => decodeMount(reader, mount));
  expectSuccess('the final umount', readCalls(reader, teardown));
  if (!reader.isAtEnd) throw new HarnessError('wrong-protocol', 'more results than instructions');
  return observed;
}

function decodeMount(
  reader: ResultsReader,
  { made, reads, unmade, context }: EncodedMount,
): Observation<MountView> {
  expectSuccess('the folder of a mount', readCalls(reader, made));
  const calls = readCalls(reader, context?.instructions ?? 1);
  // mountinfo is opened, read and closed.
  const [, ...info] = readCalls(reader, reads + 2);
  const [unmounted] = readCalls(reader, 1);
  const view = decodeMountinfo(...info.slice(0, reads));
  const isMounted = view.layers.length > 0;
  if (isMounted && unmounted !== undefined) expectSuccess('umount', [unmounted]);
  expectSuccess('umount of a place', readCalls(reader, unmade));
  if (context !== null) {
    // Of a context all is told, whatever its calls returned.
    return { ok: true, value: { ...view, results: contextResults(context, calls) } };
  }
  const value = calls[0]?.value ?? 0;
  if (value < 0) return { ok: false, errno: errnoName(-value) ?? -value };
  return { ok: true, value: view };
}

function readCalls(reader: ResultsReader, count: number): CallResult[] {
  return Array.from({ length: count }, () => reader.call());
}

function expectSuccess(what: string, calls: readonly CallResult[]): void {
  for (const { value } of calls) if (value < 0) throw ownCallFailed(what, value);
}
