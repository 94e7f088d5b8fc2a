import { typeOfMode } from '../model/compare-fields.ts';
import { flagsOfShown } from '../model/file-flags.ts';
import { PAGE_BYTES } from '../model/flags.ts';
import type { PlannedEntry } from '../model/layer-plan.ts';
import type { KernelIno, ObservedNode, ObservedStep, TreeChanges } from '../model/observation.ts';
import type { Piece } from '../model/scenario.ts';
import type { Content } from '../model/sparse.ts';

/** Path by path, how to make what the overlay shows. */
export type PlainTree = readonly PlannedEntry[];

/** An ACL again, as xfs keeps it: it comes with the ACL, and with ids of the layer. */
export const SECOND_FORM = /^trusted\.SGI_ACL_(FILE|DEFAULT)$/;

const PERMISSIONS = 0o7777;
const TYPES = ['dir', 'file', 'symlink', 'chr', 'blk', 'fifo'] as const;

/**
 * What an overlay shows when it was just mounted, as a tree to be made on a plain file system. Null
 * for a tree in which something cannot be read.
 */
export function plainTreeOf({ merged, base }: ObservedStep): PlainTree | null {
  if (merged === null || base === null) return null;
  const entries: PlannedEntry[] = [];
  const firstNames = new Map<string, string>();
  for (const [path, node] of [...merged].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (node.kind !== 'node') return null;
    const entry = entryOf(path === '' ? '.' : path, node);
    if (entry === null) return null;
    const object = objectOf(base, path, node);
    const to = entry.type === 'dir' ? undefined : firstNames.get(object);
    firstNames.set(object, to ?? entry.path);
    entries.push(to === undefined ? entry : { ...entry, type: 'link', to, flags: [], xattrs: [] });
  }
  return entries;
}

/** Names the object at a path: two names of one have the same. */
function objectOf(base: TreeChanges, path: string, { ino, dev }: ObservedNode): string {
  const upper = base.get(`u/${path}`);
  if (upper?.kind === 'node') return `upper ${upper.ino}`;
  // Without an index, asked for or not, each name of a lower file is a file of its own.
  return base.get('w/index')?.kind === 'node' ? `lower ${dev} ${ino}` : `name ${path}`;
}

function entryOf(path: string, node: ObservedNode): PlannedEntry | null {
  const { mode, uid, gid, atime, mtime, target, rdev, content, size } = node;
  const type = TYPES.find((known) => known === typeOfMode(mode));
  const xattrs = [...node.xattrs].flatMap(([name, value]) => {
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const isWhole = node.dataError === 0 && xattrs.length === node.xattrs.size;
  if (type === undefined || !isWhole || atime.nsec !== 0 || mtime.nsec !== 0) return null;
  return {
    flags: flagsOfShown(node.flags),
    xattrs: xattrs.filter(([name]) => !SECOND_FORM.test(name)),
    ...{ path, type, mode: mode & PERMISSIONS, uid, gid, target, rdev, to: '' },
    atimeSec: atime.sec,
    mtimeSec: mtime.sec,
    pieces: type === 'file' ? piecesOf(content) : [],
    size: type === 'file' ? size : null,
    hasVerity: false,
  };
}

/** Pages of zeros are taken for holes. */
function piecesOf(content: Content): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < content.length; at += PAGE_BYTES) {
    const text = content.bytes(at, at + PAGE_BYTES);
    if (/[^\0]/.test(text)) pieces.push({ at, text });
  }
  return pieces;
}

/** Lower files with several names, which a plain tree has as files of their own or cannot have. */
export function sharedInos(merged: TreeChanges, entries: PlainTree): ReadonlySet<KernelIno> {
  const names = new Map<string, number>();
  for (const { path, type, to } of entries) {
    const first = type === 'link' ? to : path;
    names.set(first, (names.get(first) ?? 0) + 1);
  }
  const shared = new Set<KernelIno>();
  for (const { path, type, to } of entries) {
    const node = merged.get(path === '.' ? '' : path);
    if (node?.kind !== 'node' || typeOfMode(node.mode) === 'dir') continue;
    const count = names.get(type === 'link' ? to : path) ?? 1;
    if (node.nlink !== count) shared.add(node.ino);
  }
  return shared;
}
