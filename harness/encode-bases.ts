import { BOUND } from '../model/flags.ts';
import { planLayer } from '../model/layer-plan.ts';
import { lowerPaths, mountPointOf } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { AT_FDCWD, MS_NOATIME, MS_NODEV } from './constants.ts';
import { encodeLayer } from './encode-layer.ts';
import { GUEST, MAP_BYTES, mapAddress } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const DIR_MODE = 0o755;

type Bases = Pick<Scenario, 'otherBases'>;

/** Mounts the file systems that layers are on. */
export function mountBases(program: ProgramBuilder, bases: Bases): void {
  program.call('setgroups', [0, 0]);
  program.call('umask', [0]);
  mountTmpfs(program, GUEST.base);
  for (const dir of [GUEST.merged, GUEST.layers]) makeDir(program, dir);
  for (const dir of otherMountPoints(bases)) {
    makeDir(program, dir);
    mountTmpfs(program, dir);
  }
}

/** Makes the layers; the instructions that set a user.* xattr. */
export function makeLayers(program: ProgramBuilder, scenario: Scenario): ReadonlySet<number> {
  const userXattrs = new Set<number>();
  const lowers = scenario.layers.filter(({ role }) => role === 'lower');
  const upper = scenario.layers.find(({ role }) => role === 'upper');
  const paths = lowerPaths(scenario);
  for (const [index, layer] of lowers.entries()) {
    const root = `${GUEST.layers}/${paths[index] ?? ''}`;
    encodeLayer(program, root, planLayer(layer, index), userXattrs);
  }
  const planned = planLayer(upper ?? { role: 'upper', entries: [] }, lowers.length);
  encodeLayer(program, `${GUEST.layers}/u`, planned, userXattrs);
  makeDir(program, `${GUEST.layers}/w`);
  return userXattrs;
}

/**
 * Unmounts as often as something was mounted: a remount that cannot unmount mounts on top. The
 * file systems of the layers come last, as each is busy while anything is mounted on it.
 */
export function tearDown(
  program: ProgramBuilder,
  bases: Bases,
  mounts: number,
  flags: number,
): number {
  const overlays = new Array<string>(mounts).fill(GUEST.merged);
  const places = [...overlays, ...otherMountPoints(bases), GUEST.base];
  program.call('munmap', [mapAddress(0), BOUND.maps * MAP_BYTES]);
  for (const where of places) program.call('umount2', [{ input: `${where}\0` }, flags]);
  return 1 + places.length;
}

function otherMountPoints({ otherBases = [] }: Bases): readonly string[] {
  return otherBases.map((_, index) => `${GUEST.layers}/${mountPointOf(index + 1)}`);
}

function makeDir(program: ProgramBuilder, path: string): void {
  program.call('mkdirat', [AT_FDCWD, { input: `${path}\0` }, DIR_MODE]);
}

function mountTmpfs(program: ProgramBuilder, where: string): void {
  const tmpfs = { input: 'tmpfs\0' };
  const data = { input: 'mode=755,size=64m\0' };
  program.call('mount', [tmpfs, { input: `${where}\0` }, tmpfs, MS_NOATIME | MS_NODEV, data]);
}
