import { hasHandles, profileOf } from '../bases.ts';
import { protectionIn } from '../file-flags.ts';
import { newOverlayErrors } from '../faults.ts';
import { fsOfIno } from '../ino.ts';
import { credentialsOf } from '../mounter.ts';
import type { Mounter } from '../mounter.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { MountView } from '../observation.ts';
import type { OvlInode, Overlay, RealInode, World } from '../state.ts';
import type { RuleId } from '../rules.ts';
import { cleanUpEntries, openIndex } from './index-dir.ts';
import { newDentry } from './namei.ts';
import { mountView } from '../mount.ts';
import { fallBack } from './fallbacks.ts';
import type { Settled } from './fallbacks.ts';
import { needsTrusted } from './conflicts.ts';
import { resolveOptions } from './params.ts';
import type { MountConfig, ResolveContext } from './params.ts';
import { marksOf } from './marks.ts';
import type { Marks } from './marks.ts';
import type { LayerFiles, LayerFs } from './traceable.ts';
import { whyUnseenError } from './sync.ts';
import { makeWork, markVolatile } from './work-dir.ts';
import { hasImpure, hasUuid, mayHoldXattrWhiteouts, setUuid } from './xattrs.ts';
import type { Marking } from './xattrs.ts';

/** Where the layers of a mount are. */
export interface MountPoints {
  readonly upper: RealInode;
  readonly workdir: RealInode;
  /** Whether the mount is given the upper layer, which is there in any case. */
  readonly hasUpper: boolean;
  readonly lowers: readonly RealInode[];
  /** Where the upper layer and the work directory are, as the mount shows it. */
  readonly upperPath: string;
  readonly workPath: string;
  /** Where each lower layer is, as the mount shows it. */
  readonly lowerPaths: readonly string[];
  readonly data: readonly RealInode[];
  readonly dataPaths: readonly string[];
  /** What another overlay that is mounted has as its upper layer or work directory. */
  readonly inUse?: ReadonlySet<RealInode>;
  /** Who mounts them, if not root of the machine. */
  readonly mounter?: Mounter;
  /** Lower layers may be mounts that map ids. */
  readonly hasMapped?: boolean;
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
  given: ResolveContext,
): Prediction<Mounted> {
  const { rule } = given;
  const { hasUpper, lowers, data, hasMapped = false } = points;
  if (hasMapped) rule('layers/mapped-ids');
  const mounter = credentialsOf(points.mounter);
  const context = { ...given, mounter, lowerCount: lowers.length };
  const resolved = resolveOptions(options, hasUpper, context);
  if (!resolved.ok) {
    rule('mount/options-refused');
    return resolved;
  }
  if (data.length > 0 && needsTrusted(resolved.value, context)) return fail('EPERM');
  if (!hasUpper && lowers.length + data.length === 1) {
    rule('layers/one-lower-alone');
    return fail('EINVAL');
  }
  const { dataOnlyLower } = context.semantics.behaviour;
  if (data.length > 0 && dataOnlyLower === 'needs metacopy' && !resolved.value.metacopy) {
    rule('layers/data-only');
    return fail('EINVAL');
  }
  const busy = hasUpper
    ? whyInUse([points.upper, points.workdir], points, resolved.value.index ? 2 : 0, rule)
    : null;
  if (busy !== null) return busy;
  const { isWritable } = marksOf(resolved.value, points.upper, context.semantics, mounter);
  const isOneFs = isOnOneFs(points);
  const fallen = fallBack(
    resolved.value,
    { ...layerFilesOf(points, context), takesXattrs: isWritable },
    context,
  );
  const marks = marksOf(fallen.config, points.upper, context.semantics, mounter);
  if (!marks.hasUuids) rule('uuid/handles-without');
  if (fallen.config.userxattr) rule('userxattr/other-prefix');
  const opened = hasUpper
    ? openChanges({ fs, overlay: { marks, mounter } }, points, fallen, context)
    : openNothing(points, context);
  if (!opened.ok) return opened;
  const { uuid, ...places } = opened.value;
  const config: MountConfig = { ...fallen.config, uuid: uuid ?? fallen.config.uuid };
  const overlay: Overlay = {
    ...places,
    lowers,
    dataLayers: data,
    config,
    marks,
    mounter,
    xattrWhiteoutLayers: markedRoots(lowers, marks, rule),
    untraceable: fallen.untraceable,
    root: newDentry(null, '', newRoot(places.upper, lowers, marks)),
    inodes: new Map(),
    ...shareNumbers(points, config, context),
    ownInos: new WeakMap(),
    sharedWhiteout: null,
    sharesWhiteouts: true,
    isReadOnly: !hasUpper || config.isReadOnly,
    errors: newOverlayErrors(fs),
  };
  overlay.root.hasXattrWhiteouts = overlay.xattrWhiteoutLayers.size > 0;
  const refused = cleanUpEntries({ ...context, world: { fs, overlay } });
  if (refused !== null) return refused;
  const view = mountView(config, { ...points, isOneFs }, context);
  return succeed({ overlay, view });
}

/** What a mount opens to keep changes in. */
type Opened = Pick<Overlay, 'upper' | 'work' | 'index'> & { readonly uuid?: MountConfig['uuid'] };

const NO_FLAGS: ReadonlySet<never> = new Set();
const NOWHERE: Opened = { upper: null, work: null, index: null };

function openNothing(points: MountPoints, context: ResolveContext): Prediction<Opened> {
  return whyUnknownData(points, context) ?? succeed(NOWHERE);
}

function openChanges(
  marking: Marking,
  points: MountPoints,
  { config: settled, indexedLowers }: Settled,
  context: ResolveContext,
): Prediction<Opened> {
  const { rule } = context;
  const { upper, workdir } = points;
  const work = whyUnseenError(marking.fs, settled, context) ?? makeWork(marking, workdir, rule);
  if (!work.ok) return work;
  if (settled.sync === 'volatile') markVolatile(marking, work.value, rule);
  const { lowers } = points;
  const why = whyUnknownData(points, context) ?? whyInUse(lowers, points, indexedLowers, rule);
  if (why !== null) return why;
  const uuid = settleUuid(marking, upper, settled, rule);
  const index = settled.index ? openIndex(marking, points, context) : succeed(null);
  if (!index.ok) return index;
  return succeed({ upper, work: index.value ?? work.value, index: index.value, uuid });
}

/**
 * Layers of another overlay are taken, with a warning, unless an index would go wrong: the first
 * `indexed` ones are looked at while there is to be one.
 */
function whyInUse(
  roots: readonly RealInode[],
  { inUse }: MountPoints,
  indexed: number,
  rule: (id: RuleId) => void,
): Failure | null {
  const at = roots.findIndex((root) => inUse?.has(root) === true);
  if (at === -1) return null;
  if (at >= indexed) {
    rule('layers/in-use-without-index');
    return null;
  }
  rule('layers/in-use');
  return fail('EBUSY');
}

/** Where `::` is an empty name, which is looked up after the work directory was made. */
function whyUnknownData(
  { data }: MountPoints,
  { semantics, rule }: ResolveContext,
): Failure | null {
  if (data.length === 0 || semantics.behaviour.dataOnlyLower !== 'unknown') return null;
  rule('layers/no-name');
  return fail('EINVAL');
}

function newRoot(upper: RealInode | null, lowers: readonly RealInode[], marks: Marks): OvlInode {
  return {
    type: 'dir',
    upper,
    lowers,
    lazyData: null,
    redirect: null,
    hasUpperData: upper !== null,
    hasConstIno: false,
    numberedBy: null,
    // What the root's xattr says of it is not read.
    protection: protectionIn(upper?.flags ?? NO_FLAGS),
    mayHoldWhiteouts: true,
    isImpure: upper !== null && hasImpure(marks, upper),
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

/** All that is seen is on one file system: numbers of layers are as good as the overlay's own. */
function isOnOneFs(points: MountPoints): boolean {
  return new Set(rootsOf(points).map(({ ino }) => fsOfIno(ino))).size === 1;
}

function rootsOf({ hasUpper, upper, lowers }: MountPoints): readonly RealInode[] {
  return hasUpper ? [upper, ...lowers] : lowers;
}

function layerFilesOf(
  { hasUpper, upper, lowers, data }: MountPoints,
  { semantics, mounter = credentialsOf(undefined) }: ResolveContext,
): LayerFiles {
  const of = (root: RealInode): LayerFs => ({
    id: fsOfIno(root.ino),
    hasHandles: mounter.isPrivileged && hasHandles(root, semantics),
    hasUuid: !profileOf(root).hasNullUuid,
  });
  return { upper: hasUpper ? of(upper) : null, lowers: lowers.map(of), data: data.map(of) };
}

/** Of the lowest layer the mark says nothing, as nothing is below. */
function markedRoots(
  lowers: readonly RealInode[],
  marks: Marks,
  rule: (id: RuleId) => void,
): Set<RealInode> {
  const roots = lowers.slice(0, -1).filter((root) => mayHoldXattrWhiteouts(marks, root));
  if (roots.length > 0) rule('whiteout/xattr-mark');
  return new Set(roots);
}

/** How inode numbers of the layers' file systems are told apart. */
function shareNumbers(
  points: MountPoints,
  { xino }: MountConfig,
  { semantics, rule, mounter }: ResolveContext,
): Pick<Overlay, 'xinoBits' | 'fsids'> {
  const { hasUpper, data } = points;
  const roots = rootsOf(points);
  const fsids = new Map<number, number>();
  // The first id is kept for an upper layer, even if there is none.
  const first = hasUpper ? 0 : 1;
  for (const { ino } of roots) {
    const fs = fsOfIno(ino);
    if (!fsids.has(fs)) fsids.set(fs, first + fsids.size);
  }
  if (fsids.size === 1) return { xinoBits: 0, fsids };
  rule(xino === 'off' ? 'mount/several-file-systems' : 'mount/xino-bits');
  // Beside numbers of 64 bits ids get no more room than they need.
  const isKnown = mounter?.isPrivileged !== false && semantics.behaviour.ino32Handles === 'known';
  const has32Bits =
    isKnown &&
    [...roots, ...data].every((root) => profileOf(root).handles(semantics)?.is32Bit === true);
  const bits = has32Bits ? 32 : Math.floor(Math.log2(first + fsids.size - 1)) + 2;
  return { xinoBits: xino === 'off' ? null : bits, fsids };
}

/** The uuid mode that the mount ends with; an upper layer never used before gets a new uuid. */
function settleUuid(
  marking: Marking,
  upper: RealInode,
  { uuid }: MountConfig,
  rule: (id: RuleId) => void,
): MountConfig['uuid'] {
  if (uuid === 'null' || uuid === 'off') return uuid;
  const { marks } = marking.overlay;
  if (hasUuid(marks, upper)) return uuid;
  // Whatever the mark says.
  const impure = upper.xattrs.get(marks.impure);
  if (uuid === 'auto' && impure !== undefined && impure !== '') {
    rule('uuid/used-upper-has-none');
    return 'null';
  }
  rule('uuid/fresh-upper');
  setUuid(marking, upper);
  return impure === '' ? uuid : 'on';
}
