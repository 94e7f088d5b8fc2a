import { BOUND } from '../model/flags.ts';
import { BIND, OTHER, PLACES } from '../model/mount-plan.ts';
import type { MountView } from '../model/observation.ts';
import type { Observation } from '../model/prediction.ts';
import type { Scenario } from '../model/scenario.ts';
import { AT_FDCWD, MNT_DETACH } from './constants.ts';
import { observationOf, ownCallFailed } from './decode.ts';
import { mountBases, tearDown } from './encode-bases.ts';
import { HarnessError } from './errors.ts';
import { GUEST, mountDataOf } from './guest.ts';
import { makeDir, unmount } from './guest-calls.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { ResultsReader } from './protocol/results.ts';
import type { CallResult } from './protocol/results.ts';
import { MOUNT_RECIPE, mountRecipe, TELLING_CALLS } from './recipes.ts';

const MS_BIND = 4096;
const S_IFREG = 0o100000;

/** Mounts that follow one another in one program, each of layers nobody has mounted before. */
export interface EncodedMounts {
  readonly program: Buffer;
  readonly setupAt: number;
  /** How many instructions set up, before the first mount. */
  readonly setup: number;
  /** How many instructions make the folders of each mount, and take away mounts below it. */
  readonly folders: readonly { readonly made: number; readonly unmade: number }[];
  /** How many instructions clean up in the end. */
  readonly teardown: number;
}

/** One frame for a list of scenarios of which only the mount is looked at. */
export function encodeMounts(scenarios: readonly Scenario[]): EncodedMounts {
  const program = new ProgramBuilder();
  tearDown(program, {}, 1, MNT_DETACH);
  const setupAt = program.instructions;
  mountBases(program, {});
  // Lower layers are empty and nobody changes them, so that all mounts share them.
  for (let index = 0; index < BOUND.layers; index++) makeDir(program, `${GUEST.layers}/l${index}`);
  const setup = program.instructions;
  const folders = scenarios.map((scenario, index) => {
    const from = program.instructions;
    const own = `${GUEST.layers}/${index}`;
    if (scenario.mount !== undefined) makePlaces(program, own);
    else if (scenario.layers.some(({ role }) => role === 'upper')) {
      for (const dir of [own, `${own}/u`, `${own}/w`]) makeDir(program, dir);
    }
    const made = program.instructions - from;
    mountRecipe(program, mountDataOf(scenario, own));
    unmount(program, GUEST.merged);
    if (scenario.mount === undefined) return { made, unmade: 0 };
    unmount(program, `${own}/${BIND.to}`, MNT_DETACH);
    unmount(program, `${own}/${OTHER}`, MNT_DETACH);
    return { made, unmade: 2 };
  });
  const teardown = tearDown(program, {}, 0, 0);
  return { program: program.finish(), setupAt, setup, folders, teardown };
}

/** What each mount did, in order. */
export function decodeMounts(
  { setupAt, setup, folders, teardown }: EncodedMounts,
  payload: Buffer,
): Observation<MountView>[] {
  const reader = new ResultsReader(payload);
  readCalls(reader, setupAt);
  expectSuccess('set-up', readCalls(reader, setup - setupAt));
  const mounts = folders.map(({ made, unmade }) => {
    expectSuccess('the folder of a mount', readCalls(reader, made));
    const mounted = observationOf(
      'mount',
      readCalls(reader, MOUNT_RECIPE.instructions),
      TELLING_CALLS.remount,
    );
    const unmounted = readCalls(reader, 1);
    if (mounted.ok) expectSuccess('umount', unmounted);
    expectSuccess('umount of a place', readCalls(reader, unmade));
    // The decoder of mounts gives a view of one.
    return mounted as Observation<MountView>;
  });
  expectSuccess('the final umount', readCalls(reader, teardown));
  if (!reader.isAtEnd) throw new HarnessError('wrong-protocol', 'more results than instructions');
  return mounts;
}

function readCalls(reader: ResultsReader, count: number): CallResult[] {
  return Array.from({ length: count }, () => reader.call());
}

function expectSuccess(what: string, calls: readonly CallResult[]): void {
  for (const { value } of calls) if (value < 0) throw ownCallFailed(what, value);
}

/** Every place that a plan may name: `@` before a name is this folder. */
function makePlaces(program: ProgramBuilder, own: string): void {
  makeDir(program, own);
  const mountPoints: readonly string[] = [BIND.to, OTHER];
  for (const dir of mountPoints) makeDir(program, `${own}/${dir}`);
  mountAt(program, `${own}/${OTHER}`, 'tmpfs', 0);
  for (const [name, { type, mount }] of Object.entries(PLACES)) {
    if (mount === 'bind' || mountPoints.includes(name)) continue;
    if (type === 'dir') makeDir(program, `${own}/${name}`);
    else program.call('mknodat', [AT_FDCWD, { input: `${own}/${name}\0` }, S_IFREG | 0o644, 0]);
  }
  mountAt(program, `${own}/${BIND.to}`, `${own}/${BIND.from}`, MS_BIND);
}

function mountAt(program: ProgramBuilder, where: string, what: string, flags: number): void {
  const type = { input: 'tmpfs\0' };
  program.call('mount', [{ input: `${what}\0` }, { input: `${where}\0` }, type, flags, 0]);
}
