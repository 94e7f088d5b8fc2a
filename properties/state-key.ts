import type { StepPrediction, Tree, XattrValue } from '../model/observation.ts';
import { pathOf } from '../model/path-of.ts';
import type { OpenFile, OvlDentry, OvlInode, RealInode, World } from '../model/state.ts';

/**
 * All that a further step depends on, but for times: of two sequences of steps with the same key
 * one is enough to go on with. Inode numbers, which are made up, are by order of appearance.
 */
export function stateKey(world: World, last: StepPrediction): string {
  const inos = new Map<number, number>();
  const nameOf = (ino: number): number => {
    const name = inos.get(ino) ?? inos.size;
    inos.set(ino, name);
    return name;
  };
  const ofReal = (real: RealInode | null): number | null => real && nameOf(real.ino);
  return JSON.stringify([
    treeKey(last.base, nameOf),
    last.merged && treeKey(last.merged, nameOf),
    dentryKey(world.overlay.root, ofReal),
    world.slots.map((file) => file && fileKey(file, ofReal)),
    world.handles.map((handle) => handle && [nameOf(handle.ino), handle.isUpper]),
  ]);
}

function treeKey(tree: Tree, nameOf: (ino: number) => number): unknown {
  const paths = [...tree.keys()].sort();
  return paths.map((path) => {
    const entry = tree.get(path);
    if (entry?.node.kind !== 'node') return [path, entry?.node];
    const { mode, type, nlink, uid, gid, size, content, target, ino, rdev } = entry.node;
    const xattrs = [...entry.node.xattrs].sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      ...[path, type, mode, nlink, uid, gid, size, content, target, rdev, nameOf(ino)],
      entry.dIno === null ? null : nameOf(entry.dIno),
      xattrs.map(([name, value]) => [name, xattrKey(value, nameOf)]),
    ];
  });
}

function xattrKey(value: XattrValue, nameOf: (ino: number) => number): unknown {
  if (typeof value !== 'object' || !('handleOf' in value)) return value;
  return { ...value, handleOf: nameOf(value.handleOf) };
}

/** What overlayfs has in memory of each name, beyond what is seen. */
function dentryKey(dentry: OvlDentry, ofReal: (real: RealInode | null) => number | null): unknown {
  // That a name was not found, a lookup would find out once more.
  const children = [...dentry.children].filter(([, { inode }]) => inode !== null);
  return [
    ...[dentry.isOpaque, dentry.hasUpperAlias, dentry.isConnected],
    dentry.inode && inodeKey(dentry.inode, ofReal),
    children
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, child]) => [name, dentryKey(child, ofReal)]),
  ];
}

function inodeKey(inode: OvlInode, ofReal: (real: RealInode | null) => number | null): unknown {
  return [
    ofReal(inode.upper),
    inode.lowers.map((lower) => ofReal(lower)),
    ...[inode.redirect, inode.hasUpperData, inode.isIndexed, inode.isImpure, inode.vfsNlink],
    ...[inode.mayHoldWhiteouts, inode.dirCache?.dirVersion === inode.dirVersion],
  ];
}

function fileKey(file: OpenFile, ofReal: (real: RealInode | null) => number | null): unknown {
  const { dentry, inode, canRead, canWrite, position, listing, names } = file;
  return [
    ...[pathOf(dentry), dentry.isHashed, dentry.isDisconnected, canRead, canWrite, position],
    ...[ofReal(file.real), inodeKey(inode, ofReal), listing?.kind],
    listing?.dirVersion === inode.dirVersion,
    names && [...names.keys()].sort(),
  ];
}
