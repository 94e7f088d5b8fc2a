import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { planLayer } from '../model/layer-plan.ts';
import type { PlannedEntry } from '../model/layer-plan.ts';
import { dataPaths, lowerPaths, mountPointOf } from '../model/scenario.ts';
import type { OpName } from '../model/ops/index.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { AT_FDCWD, MS_RDONLY } from './constants.ts';
import { encodeLayer } from './encode-layer.ts';
import type { Making, Refusable } from './encode-layer.ts';
import { DEVICE_BYTES } from './devices.ts';
import type { Device, Devices } from './devices.ts';
import { GUEST } from './guest.ts';
import { BASE_BYTES, makeDir, mountBase, MOUNT_FLAGS } from './guest-calls.ts';
import { unmapAll, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { mapLayers, mappedPaths } from './mapped-layers.ts';
import { closeOutside } from './fault-recipes.ts';
import { servesNfs, stopNfs } from './nfs-recipes.ts';
import { switchTable } from './failing-device.ts';
import { BUILD_SLOT, mountCall } from './recipes.ts';
import { dropFiller } from './room-recipes.ts';

const BLKDISCARD = 0x1277;
const AT_REMOVEDIR = 0x200;

const NO_LAYER: LayerSpec = { role: 'upper', entries: [] };

type Bases = Partial<Pick<Scenario, 'base' | 'otherBases' | 'steps' | 'layers'>>;

/** Steps that go by links of /proc/self/fd, which other scenarios need not be near. */
const BY_LINKS: ReadonlySet<OpName> = new Set(['fdPath', 'reopenFd']);
/** Steps with an overlay beside the one that is looked at. */
const BESIDE_OPS: ReadonlySet<OpName> = new Set(['mountBeside', 'mountBusy', 'strictRead']);

/** Mounts the file systems that layers are on. */
export function mountBases(program: ProgramBuilder, bases: Bases, devices: Devices = []): void {
  program.call('setgroups', [0, 0]);
  program.call('umask', [0]);
  mountTmpfs(program, GUEST.base);
  for (const dir of [GUEST.merged, GUEST.layers]) makeDir(program, dir);
  if (needsProc(bases)) {
    const proc = { input: 'proc\0' };
    makeDir(program, GUEST.proc);
    program.call('mount', [proc, { input: `${GUEST.proc}\0` }, proc, MS_RDONLY, 0]);
  }
  const [first] = devices;
  if (first !== undefined) mountDevice(program, first, GUEST.layers);
  for (const [index, dir] of otherMountPoints(bases).entries()) {
    makeDir(program, dir);
    const device = devices[index + 1];
    if (bases.otherBases?.[index] === 'overlay') makeInner(program, innerOf(index + 1));
    else if (device === undefined) mountTmpfs(program, dir);
    else mountDevice(program, device, dir);
  }
}

/** Makes the layers; the instructions that set a user.* xattr. */
export function makeLayers(
  program: ProgramBuilder,
  scenario: Scenario,
  hasVerity: boolean,
): Refusable {
  const refusable = new Map<number, readonly number[]>();
  const bases = [scenario.base, ...(scenario.otherBases ?? [])];
  const baseOf = ({ on = 0 }: LayerSpec): BaseType => bases[on] ?? scenario.base;
  const makingOf = (layer: LayerSpec): Making => {
    const { hasVerity: canVerify, escapesMarks } = BASE_PROFILES[baseOf(layer)];
    return { refusable, hasVerity: hasVerity && canVerify, escapesMarks };
  };
  const lowers = scenario.layers.filter(({ role }) => role === 'lower');
  const upper = scenario.layers.find(({ role }) => role === 'upper');
  const paths = lowerPaths(scenario);
  for (const [index, layer] of lowers.entries()) {
    if (isMadeWhole(scenario, layer)) continue;
    const root = placeOf(scenario, layer, paths[index] ?? '');
    encodeLayer(program, root, planLayer(layer, index, baseOf(layer)), makingOf(layer));
  }
  const planned = planLayer(upper ?? NO_LAYER, lowers.length);
  encodeLayer(program, `${GUEST.layers}/u`, planned, makingOf(NO_LAYER));
  const dataLayers = scenario.layers.filter(({ role }) => role === 'data');
  for (const [index, path] of dataPaths(scenario).entries()) {
    const layer = dataLayers[index] ?? NO_LAYER;
    if (isMadeWhole(scenario, layer)) continue;
    const entries = planLayer(layer, lowers.length + 1 + index, baseOf(layer));
    encodeLayer(program, placeOf(scenario, layer, path), entries, makingOf(layer));
  }
  for (const on of innersOf(scenario)) mountInner(program, on);
  makeDir(program, `${GUEST.layers}/w`);
  mapLayers(program, scenario, refusable);
  return refusable;
}

/** All that layers are made of is on the disk, where a scenario could undo it or lose it. */
export function syncLayers(program: ProgramBuilder, { steps }: Pick<Scenario, 'steps'>): void {
  if (!steps.some(({ op }) => op === 'crash' || op === 'failDevice')) return;
  program.call('openat', [AT_FDCWD, { input: `${GUEST.layers}\0` }, 0, 0], BUILD_SLOT);
  program.call('syncfs', [{ slot: BUILD_SLOT }]);
  program.close(BUILD_SLOT);
}

/** A layer that came with the image of its file system. */
function isMadeWhole({ otherBases = [] }: Scenario, { on = 0 }: LayerSpec): boolean {
  const type = on === 0 ? undefined : otherBases[on - 1];
  return type !== undefined && BASE_PROFILES[type].isMadeWhole;
}

/** Where the tree is that a scenario without overlayfs runs in: where its upper layer would be. */
export const PLAIN_TREE = `${GUEST.layers}/u`;

/** Makes a tree on the file system of the upper layer; the instructions that set a user.* xattr. */
export function makePlainTree(
  program: ProgramBuilder,
  planned: readonly PlannedEntry[],
): Refusable {
  const refusable: Refusable = new Map<number, readonly number[]>();
  const how = { refusable, hasVerity: false, escapesMarks: false };
  encodeLayer(program, PLAIN_TREE, planned, how);
  return refusable;
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
  devices: Devices = [],
): number {
  const overlays = new Array<string>(mounts).fill(GUEST.merged);
  const { steps = [] } = bases;
  const onDevice = bases.base !== undefined && BASE_PROFILES[bases.base].isOnDevice;
  const firstPlaces = onDevice ? [GUEST.layers, GUEST.base] : [GUEST.base];
  const proc = needsProc(bases) ? [GUEST.proc] : [];
  const beside = steps.some(({ op }) => BESIDE_OPS.has(op)) ? [GUEST.beside] : [];
  const second = steps.some(({ op }) => op === 'secondMount') ? [GUEST.second] : [];
  const places = [...beside, ...second, ...overlays, ...proc, ...mappedPaths(bases)];
  places.push(...otherMountPoints(bases), ...innersOf(bases).map(innerOf), ...firstPlaces);
  if (servesNfs({ steps })) stopNfs(program);
  else if (steps.some(({ op }) => op === 'outsideOpen')) closeOutside(program);
  if (steps.some(({ op }) => op === 'fillUp')) dropFiller(program);
  const [device] = devices;
  if (device?.failing !== undefined) switchTable(program, device, false);
  unmapAll(program);
  for (const where of places) unmount(program, where, flags);
  return 1 + places.length;
}

function needsProc(bases: Bases): boolean {
  const { steps = [] } = bases;
  return steps.some(({ op }) => BY_LINKS.has(op)) || mappedPaths(bases).length > 0;
}

function otherMountPoints({ otherBases = [] }: Bases): readonly string[] {
  return otherBases.map((_, index) => `${GUEST.layers}/${mountPointOf(index + 1)}`);
}

function mountTmpfs(program: ProgramBuilder, where: string): void {
  const tmpfs = { input: 'tmpfs\0' };
  const data = { input: `mode=755,size=${BASE_BYTES}\0` };
  program.call('mount', [tmpfs, { input: `${where}\0` }, tmpfs, MOUNT_FLAGS, data]);
}

/** Brings a device back to its first state, wherever the last scenario left it, and mounts it. */
function mountDevice(program: ProgramBuilder, device: Device, where: string): void {
  const {
    slot,
    image: { type, pieces },
  } = device;
  const { isReadOnly } = BASE_PROFILES[type];
  if (device.failing !== undefined) switchTable(program, device, false);
  const all = Buffer.alloc(16);
  all.writeBigUInt64LE(BigInt(DEVICE_BYTES), 8);
  program.call('ioctl', [{ slot }, BLKDISCARD, { inout: all }]);
  for (const { at, data } of pieces) {
    program.call('pwrite64', [{ slot }, { input: data }, data.length, at]);
  }
  // Not every file system reads a device through the cache that was written to.
  if (type !== 'ext4') program.call('fsync', [{ slot }]);
  mountBase(program, device, where);
  if (isReadOnly) return;
  if (type === 'ext4') {
    program.call('unlinkat', [AT_FDCWD, { input: `${where}/lost+found\0` }, AT_REMOVEDIR]);
  }
  // Its root is as old as the image.
  program.call('utimensat', [AT_FDCWD, { input: `${where}\0` }, 0, 0]);
}

/** Where the trees are that an overlay shows which others are made of: out of sight. */
function innerOf(on: number): string {
  return `${GUEST.base}/n${on}`;
}

function innersOf({ otherBases = [] }: Bases): readonly number[] {
  return otherBases.flatMap((type, index) => (type === 'overlay' ? [index + 1] : []));
}

function makeInner(program: ProgramBuilder, inner: string): void {
  makeDir(program, inner);
  mountTmpfs(program, inner);
  for (const tree of ['a', 'b']) makeDir(program, `${inner}/${tree}`);
}

/** The layers of an overlay do not change while it is mounted, so that is done when all is made. */
function mountInner(program: ProgramBuilder, on: number): void {
  const inner = innerOf(on);
  const off = 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off';
  const data = `lowerdir=${inner}/a:${inner}/b,${off}`;
  mountCall(program, data, `${GUEST.layers}/${mountPointOf(on)}`);
}

/** Where a layer is made: where it is, or in a tree that an overlay shows there. */
function placeOf({ otherBases = [] }: Bases, { on = 0 }: LayerSpec, path: string): string {
  if (on === 0 || otherBases[on - 1] !== 'overlay') return `${GUEST.layers}/${path}`;
  return `${innerOf(on)}/b/${path.slice(path.indexOf('/') + 1)}`;
}
