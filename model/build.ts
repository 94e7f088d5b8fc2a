import { resizeContent, writeContent } from './content.ts';
import { addName, linkName, newInode, xattrAsKept } from './layer.ts';
import { isAclName } from './acl-names.ts';
import { parseAcl, storeAcl } from './acl.ts';
import { ESCAPE_BYTES } from './base-profile.ts';
import { BASE_PROFILES, keepsXattr, profileOf } from './bases.ts';
import { changeFlags } from './file-flags.ts';
import type { BaseType } from './bases.ts';
import { verityDigest } from './fs-verity.ts';
import { newFs } from './file-system.ts';
import { planLayer } from './layer-plan.ts';
import type { PlannedEntry } from './layer-plan.ts';
import { mapIds, mapsIds } from './mapped-ids.ts';
import type { MountPoints } from './overlay/super.ts';
import { settleReadOnly } from './read-only.ts';
import { dataPaths, lowerPaths, mountPointOf } from './scenario.ts';
import type { LayerSpec, Scenario } from './scenario.ts';
import type { Environment, Semantics } from './semantics/semantics.ts';
import type { RealFs, RealInode } from './state.ts';

interface Machine {
  readonly semantics: Semantics;
  readonly fsVerity: boolean;
}

/** File systems, and where on them the layers are. */
export interface Built {
  readonly fs: RealFs;
  readonly all: readonly RealFs[];
  readonly points: MountPoints;
}

/** The file systems with every layer made, as the guest has them. */
export function buildLayers(
  { base, layers, otherBases = [], mounter }: Scenario,
  semantics: Semantics,
  { fsVerity }: Pick<Environment, 'fsVerity'> = { fsVerity: false },
): Built {
  const machine = { semantics, fsVerity };
  const fs = newFs(semantics, base);
  const all = [fs, ...otherBases.map((other, index) => mountOther(fs, other, index + 1))];
  const lowers = layers.filter(({ role }) => role === 'lower');
  const roots = lowers.map((spec, index) => {
    return buildLayer(all[spec.on ?? 0] ?? fs, `l${index}`, spec, index, machine);
  });
  const dataSpecs = layers.filter(({ role }) => role === 'data');
  const spec = layers.find(({ role }) => role === 'upper');
  const emptySpec: LayerSpec = { role: 'upper', entries: [] };
  const upper = buildLayer(fs, 'u', spec ?? emptySpec, lowers.length, machine);
  const data = dataSpecs.map((layer, index) => {
    const place = lowers.length + 1 + index;
    return buildLayer(all[layer.on ?? 0] ?? fs, `d${index}`, layer, place, machine);
  });
  const workdir = makeDir(fs, fs.root, 'w');
  for (const each of all) if (BASE_PROFILES[each.base].isMadeWhole) settleReadOnly(each, semantics);
  return {
    fs,
    all,
    points: {
      lowers: roots,
      lowerPaths: lowerPaths({ layers }),
      data,
      dataPaths: dataPaths({ layers }),
      upper,
      upperPath: 'u',
      workdir,
      workPath: 'w',
      hasUpper: spec !== undefined,
      ...(mounter === undefined ? {} : { mounter }),
      hasMapped: lowers.some((layer) => isMapped(layer, all[layer.on ?? 0] ?? fs)),
    },
  };
}

/** One tree as the upper layer, over nothing: what overlayfs leaves as it is. */
export function buildPlain(
  base: BaseType,
  entries: readonly PlannedEntry[],
  semantics: Semantics,
): Built {
  const fs = newFs(semantics, base);
  const points = {
    lowers: [makeDir(fs, fs.root, 'l0')],
    lowerPaths: ['l0'],
    data: [],
    dataPaths: [],
    hasUpper: true,
    upperPath: 'u',
    workPath: 'w',
    upper: buildPlanned(fs, 'u', entries, { semantics, fsVerity: false }),
    workdir: makeDir(fs, fs.root, 'w'),
  };
  return { fs, all: [fs], points };
}

function mountOther(first: RealFs, base: BaseType, index: number): RealFs {
  const point = makeDir(first, first.root, mountPointOf(index));
  const fs = newFs(first.semantics, base, first, index);
  first.mounts.set(point, fs);
  return fs;
}

function buildLayer(
  fs: RealFs,
  name: string,
  spec: LayerSpec,
  index: number,
  machine: Machine,
): RealInode {
  const root = buildPlanned(fs, name, planLayer(spec, index, fs.base), machine);
  if (isMapped(spec, fs)) mapIds(root, machine.semantics);
  return root;
}

function isMapped({ mapped }: LayerSpec, { base, semantics }: RealFs): boolean {
  return mapped === true && mapsIds(base, semantics);
}

function buildPlanned(
  fs: RealFs,
  name: string,
  planned: readonly PlannedEntry[],
  { semantics, fsVerity }: Machine,
): RealInode {
  const root = makeDir(fs, fs.root, name);
  for (const entry of planned) build(fs, root, entry, semantics);
  for (const { path, flags, hasVerity, atimeSec, mtimeSec } of planned.toReversed()) {
    const inode = at(root, path);
    if (hasVerity && fsVerity && profileOf(inode).hasVerity) {
      inode.verityDigest = verityDigest(inode.content.bytes());
    }
    if (flags.length > 0) changeFlags(inode, new Set(flags), semantics);
    inode.atime = { sec: atimeSec, nsec: 0 };
    inode.mtime = { sec: mtimeSec, nsec: 0 };
  }
  return root;
}

function build(fs: RealFs, root: RealInode, entry: PlannedEntry, semantics: Semantics): void {
  const slash = entry.path.lastIndexOf('/');
  const dir = at(root, entry.path.slice(0, Math.max(slash, 0)));
  const name = entry.path.slice(slash + 1);
  if (entry.type === 'link') {
    linkName(fs, dir, name, at(root, entry.to));
    return;
  }
  const { type } = entry;
  const isRoot = entry.path === '.';
  const inode = isRoot ? root : newInode(fs, { ...entry, type });
  if (!isRoot) addName(fs, dir, name, inode);
  inode.mode = entry.mode;
  inode.uid = entry.uid;
  inode.gid = entry.gid;
  for (const { at: offset, text } of entry.pieces) writeContent(inode, offset, text);
  if (entry.size !== null) resizeContent(inode, entry.size);
  const { escapesMarks } = profileOf(inode);
  for (const [xattr, value] of entry.xattrs) {
    const isKept = keepsXattr(inode, xattr, semantics);
    if (escapesMarks && xattr.startsWith('trusted.overlay.')) {
      const bytes = ESCAPE_BYTES + (isKept ? 0 : xattr.length + 1);
      inode.unlistedBytes = (inode.unlistedBytes ?? 0) + bytes;
    }
    if (!isKept) continue;
    const acl = isAclName(xattr) ? parseAcl(value) : null;
    if (acl?.ok === true) storeAcl(fs, inode, xattr, acl.value);
    else inode.xattrs.set(xattr, xattrAsKept(xattr, value));
  }
}

export function makeDir(fs: RealFs, parent: RealInode, name: string, umask = 0): RealInode {
  const dir = newInode(fs, { type: 'dir', mode: 0o755 & ~umask, uid: 0, gid: 0 });
  addName(fs, parent, name, dir);
  return dir;
}

function at(root: RealInode, path: string): RealInode {
  let inode = root;
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    const next = inode.entries.get(name);
    if (next === undefined) throw new Error(`a layer plan names ${path} before it makes it`);
    inode = next;
  }
  return inode;
}
