import type { Context } from '../ops/op.ts';
import { profileOf } from '../bases.ts';
import { protectionIn } from '../file-flags.ts';
import { fsOfIno } from '../ino.ts';
import { addName, newInode, removeName, touchMtime } from '../layer.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { MountView } from '../observation.ts';
import type { OvlInode, Overlay, RealFs, RealInode, World } from '../state.ts';
import type { RuleId } from '../rules.ts';
import { cleanUpEntries, openIndex } from './index-dir.ts';
import { newDentry } from './namei.ts';
import { mountView, takesXattrs } from '../mount.ts';
import { fallBack } from './fallbacks.ts';
import { resolveOptions } from './params.ts';
import type { MountConfig, ResolveContext } from './params.ts';
import { withoutUntraceable } from './traceable.ts';
import { hasImpure, hasUuid, setUuid } from './xattrs.ts';

/** The name that the kernel uses inside of the work directory. */
const WORK_NAME = 'work';

/** Where the layers of a mount are. */
export interface MountPoints {
  readonly upper: RealInode;
  readonly workdir: RealInode;
  readonly lowers: readonly RealInode[];
  /** Where each lower layer is, as the mount shows it. */
  readonly lowerPaths: readonly string[];
  readonly data: readonly RealInode[];
  readonly dataPaths: readonly string[];
}

export interface Mounted {
  readonly overlay: Overlay;
  readonly view: MountView;
}

/** Mounts the layers, or says which errno the option string gets. */
export function mountOverlay(
  { fs }: Pick<World, 'fs'>,
  points: MountPoints,
  options: string,
  context: ResolveContext,
): Prediction<Mounted> {
  const { rule } = context;
  const resolved = resolveOptions(options, true, context);
  if (!resolved.ok) {
    rule('mount/options-refused');
    return resolved;
  }
  const { upper, workdir, lowers, lowerPaths, data, dataPaths } = points;
  const { dataOnlyLower } = context.semantics.behaviour;
  if (data.length > 0 && dataOnlyLower === 'needs metacopy' && !resolved.value.metacopy) {
    rule('layers/data-only');
    return fail('EINVAL');
  }
  const isOneFs = lowers.every(({ ino }) => fsOfIno(ino) === fsOfIno(upper.ino));
  const facts = {
    hasUpper: true,
    isAllOnUpperFs: isOneFs,
    takesXattrs: takesXattrs(resolved.value, context),
  };
  const { config: settled, untraceable } = withoutUntraceable(
    fallBack(resolved.value, facts, context),
    { upper, lowers, data },
    context,
  );
  const work = makeWork(fs, workdir, rule);
  if (data.length > 0 && dataOnlyLower === 'unknown') {
    rule('layers/no-name');
    return fail('EINVAL');
  }
  const opened = settled.index ? openIndex(fs, points, context) : null;
  if (opened?.ok === false) return opened;
  const index = opened?.value ?? null;
  const config: MountConfig = { ...settled, uuid: settleUuid(fs, upper, settled, rule) };
  const sharing = shareNumbers(upper, lowers, data, config, context);
  const overlay: Overlay = {
    upper,
    work: index ?? work,
    index,
    lowers,
    dataLayers: data,
    config,
    untraceable,
    root: newDentry(null, '', newRoot(upper, lowers)),
    inodes: new Map(),
    ...sharing,
    ownInos: new WeakMap(),
    sharedWhiteout: null,
  };
  const refused = cleanUpEntries({ ...context, world: { fs, overlay } });
  if (refused !== null) return refused;
  const view = mountView(config, { lowerPaths, dataPaths, hasUpper: true, isOneFs }, context);
  return succeed({ overlay, view });
}

function newRoot(upper: RealInode, lowers: readonly RealInode[]): OvlInode {
  return {
    type: 'dir',
    upper,
    lowers,
    lazyData: null,
    redirect: null,
    hasUpperData: true,
    hasConstIno: false,
    // What the root's xattr says of it is not read.
    protection: protectionIn(upper.flags),
    mayHoldWhiteouts: true,
    isImpure: hasImpure(upper),
    isIndexed: false,
    vfsNlink: 1,
    isLinkable: false,
    dirVersion: 0,
    dirCache: null,
    aliases: [],
    pipe: '',
    look: 0,
  };
}

/** Evicts what no open file and no mapping needs; even a removed one needs its parents. */
export function dropCaches({ world, rule }: Context): void {
  const { overlay } = world;
  rule('cache/dropped');
  const needed = new Set([overlay.root]);
  for (const user of [...world.slots, ...world.maps]) {
    for (let at = user?.dentry ?? null; at !== null; at = at.parent) needed.add(at);
  }
  for (const { children } of needed) {
    for (const [name, child] of children) if (!needed.has(child)) children.delete(name);
  }
  const alive = new Set([...needed].map(({ inode }) => inode));
  for (const [key, inode] of overlay.inodes) if (!alive.has(inode)) overlay.inodes.delete(key);
}

/** How inode numbers of the layers' file systems are told apart. */
function shareNumbers(
  upper: RealInode,
  lowers: readonly RealInode[],
  data: readonly RealInode[],
  { xino }: MountConfig,
  { semantics, rule }: ResolveContext,
): Pick<Overlay, 'xinoBits' | 'fsids'> {
  const fsids = new Map<number, number>();
  for (const { ino } of [upper, ...lowers]) {
    const fs = fsOfIno(ino);
    if (!fsids.has(fs)) fsids.set(fs, fsids.size);
  }
  if (fsids.size === 1) return { xinoBits: 0, fsids };
  rule(xino === 'off' ? 'mount/several-file-systems' : 'mount/xino-bits');
  // Beside numbers of 64 bits ids get no more room than they need.
  const has32Bits = [upper, ...lowers, ...data].every(
    (root) => profileOf(root).handles(semantics)?.is32Bit === true,
  );
  const bits = has32Bits ? 32 : Math.floor(Math.log2(fsids.size - 1)) + 2;
  return { xinoBits: xino === 'off' ? null : bits, fsids };
}

/** A new work directory; what an earlier mount left in the old one is removed. */
function makeWork(fs: RealFs, workdir: RealInode, rule: (id: RuleId) => void): RealInode {
  const old = workdir.entries.get(WORK_NAME);
  if (old !== undefined) {
    if (old.entries.size > 0) rule('work/emptied-by-mount');
    for (const name of [...old.entries.keys()]) removeName(fs, old, name);
    removeName(fs, workdir, WORK_NAME);
  }
  const work = newInode(fs, { type: 'dir', mode: 0, uid: 0, gid: 0 });
  addName(fs, workdir, WORK_NAME, work);
  // The mount tries out what the file system can: it makes objects and takes them away again.
  touchMtime(fs, work);
  return work;
}

/** The uuid mode that the mount ends with; an upper layer never used before gets a new uuid. */
function settleUuid(
  fs: RealFs,
  upper: RealInode,
  { uuid }: MountConfig,
  rule: (id: RuleId) => void,
): MountConfig['uuid'] {
  if (uuid === 'null' || uuid === 'off') return uuid;
  if (hasUuid(upper)) return uuid;
  if (uuid === 'auto' && hasImpure(upper)) {
    rule('uuid/used-upper-has-none');
    return 'null';
  }
  rule('uuid/fresh-upper');
  setUuid(fs, upper);
  return 'on';
}
