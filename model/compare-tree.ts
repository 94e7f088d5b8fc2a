import type { Add, Comparison } from './compare.ts';
import { compareStat, isDType } from './compare-fields.ts';
import { madeUpPath } from './disk-names.ts';
import { handleIno, handleUuid, isHandleOfUpper, sayHandle } from './handle.ts';
import { errnoName } from './errno.ts';
import { sayIno } from './ino.ts';
import type {
  NodeView,
  ObservedGone,
  ObservedNode,
  Seen,
  Tree,
  TreeChanges,
  TreeEntry,
  XattrValue,
} from './observation.ts';
import { quote } from './print.ts';

/** What the kernel's tree looks like now, put together from what changed. */
export interface Mirror {
  readonly name: 'merged' | 'base';
  readonly nodes: Map<string, Seen>;
  /** By the model's path, the observed paths that may be it: the first is compared. */
  readonly madeUp: Map<string, Set<string>>;
  /** The other way round: a number in a name may be that of another object by the next change. */
  readonly ours: Map<string, string>;
  /** What was found equal last: the same pair of objects need not be compared again. */
  readonly equal: Map<string, readonly [TreeEntry, Seen]>;
}

export function newMirror(name: Mirror['name']): Mirror {
  return { name, nodes: new Map(), madeUp: new Map(), ours: new Map(), equal: new Map() };
}

export function compareTree(
  comparison: Comparison,
  mirror: Mirror,
  predicted: Tree,
  changes: TreeChanges,
  add: Add,
): void {
  const { name: where, nodes } = mirror;
  const unplaced = new Map<string, string[]>();
  for (const [path, change] of changes) {
    if (!applyChange(mirror, path, change)) continue;
    const made = unplaced.get(layerOf(path));
    if (made === undefined) unplaced.set(layerOf(path), [path]);
    else made.push(path);
  }
  const known: string[] = [];
  let missing = 0;
  for (const [path, entry] of predicted) {
    // What its upper says of origins, before it, tells which file system a handle in a name is of.
    if (unplaced.size > 0 && path.startsWith('w')) {
      const layer = layerOf(path);
      for (const made of unplaced.get(layer) ?? []) {
        placeMadeUp(comparison, mirror, predicted, made);
      }
      unplaced.delete(layer);
    }
    const observedPath = observedPathOf(mirror, path);
    if (observedPath !== path) known.push(observedPath);
    const seen = nodes.get(observedPath);
    if (seen === undefined) {
      missing++;
      add(`${where} missing`, `${where} ${path}`, describe(entry), 'nothing');
    } else if (!isKnownEqual(mirror, path, entry, seen)) {
      compareEntry(comparison, where, path, withRealNames(mirror, path, entry), seen, add);
      mirror.equal.set(path, [entry, seen]);
    }
  }
  if (missing === 0 && nodes.size === predicted.size) return;
  for (const path of nodes.keys()) {
    if (predicted.has(path) || known.includes(path)) continue;
    add(`${where} surplus`, `${where} ${path}`, 'nothing', 'an object');
  }
}

function layerOf(path: string): string {
  const end = path.indexOf('/');
  return end === -1 ? path : path.slice(0, end);
}

/** This runs for each object after each step: it makes nothing. */
function observedPathOf({ madeUp }: Mirror, path: string): string {
  if (madeUp.size === 0) return path;
  for (const first of madeUp.get(path) ?? []) return first;
  return path;
}

/** Says whether it has to be found out what the model calls it. */
function applyChange(
  { name, nodes, madeUp, ours }: Mirror,
  path: string,
  change: Seen | ObservedGone,
): boolean {
  if (change.kind !== 'gone') {
    nodes.set(path, change);
    return name === 'base' && path.startsWith('w');
  }
  nodes.delete(path);
  const before = ours.get(path);
  ours.delete(path);
  if (before !== undefined) madeUp.get(before)?.delete(path);
  return false;
}

function placeMadeUp(
  { identities }: Comparison,
  { madeUp, ours }: Mirror,
  predicted: Tree,
  path: string,
): void {
  const before = ours.get(path);
  if (before !== undefined && predicted.has(before)) return;
  const hasName = (candidate: string): boolean => (madeUp.get(candidate)?.size ?? 0) > 0;
  const own = madeUpPath(identities, predicted, path, hasName);
  if (own === null || own === before) return;
  if (before !== undefined) madeUp.get(before)?.delete(path);
  const paths = madeUp.get(own) ?? new Set();
  madeUp.set(own, paths.add(path));
  ours.set(path, own);
}

/** A directory whose size hangs on names that the kernel made up is as large as they make it. */
function withRealNames({ madeUp }: Mirror, path: string, entry: TreeEntry): TreeEntry {
  const { node } = entry;
  if (node.kind !== 'node' || node.namesInSize === null) return entry;
  const { byteBytes, bytesMax } = node.namesInSize;
  let { size } = node;
  for (const [ours, [observed = ours]] of madeUp) {
    if (ours.slice(0, ours.lastIndexOf('/')) !== path) continue;
    size += (observed.length - ours.length) * byteBytes;
  }
  return { ...entry, node: { ...node, size, blocks: size > bytesMax ? null : node.blocks } };
}

/** The parts of an entry that were shared with the last step are the same objects. */
function isKnownEqual({ equal }: Mirror, path: string, entry: TreeEntry, seen: Seen): boolean {
  const last = equal.get(path);
  if (last?.[1] !== seen) return false;
  const [known] = last;
  return (
    known === entry ||
    (known.node === entry.node &&
      known.dIno === entry.dIno &&
      known.dType === entry.dType &&
      known.dotIno === entry.dotIno &&
      known.dotdotIno === entry.dotdotIno)
  );
}

function compareEntry(
  comparison: Comparison,
  where: string,
  path: string,
  { node, dIno, dType, dotIno, dotdotIno }: TreeEntry,
  seen: Seen,
  add: Add,
): void {
  const { identities } = comparison;
  const compareIno = (field: string, ino: number | null, found: Seen['dIno']): void => {
    if (ino === null || identities.agree(ino, found)) return;
    add(`${where} ${field}`, `${where} ${path} ${field}`, sayIno(ino), identities.say(found));
  };
  compareIno('d_ino', dIno, seen.dIno);
  if (dIno !== null && !isDType(dType, seen.dType)) {
    add(`${where} d_type`, `${where} ${path} d_type`, dType, String(seen.dType));
  }
  if (node.kind === 'node' && seen.kind === 'node') {
    compareIno('. d_ino', dotIno, seen.dotIno);
    compareIno('.. d_ino', dotdotIno, seen.dotdotIno);
    compareNode(comparison, where, path, node, seen, add);
    return;
  }
  const predicted = node.kind === 'node' ? 'readable' : node.error.ok ? '' : node.error.anyOf;
  const observed = seen.kind === 'node' ? 'readable' : (errnoName(seen.error) ?? seen.error);
  if (typeof predicted === 'object' && predicted.some((errno) => errno === observed)) return;
  add(`${where} unreadable`, `${where} ${path}`, String(predicted), String(observed));
}

function compareNode(
  comparison: Comparison,
  where: string,
  path: string,
  predicted: NodeView,
  observed: ObservedNode,
  add: Add,
): void {
  compareStat(comparison, where, path, predicted, observed, add);
  const differs = (field: 'content' | 'target'): void => {
    const [said, seen] = [quote(predicted[field]), quote(observed[field])];
    add(`${where} ${field}`, `${where} ${path} ${field}`, said, seen);
  };
  if (!predicted.content.equals(observed.content)) differs('content');
  if (predicted.target !== observed.target) differs('target');
  compareReading(where, path, predicted, observed, add);
  for (const [name, value] of predicted.xattrs) {
    const seen = observed.xattrs.get(name);
    const difference = compareXattr(comparison, value, seen);
    if (difference === null) continue;
    add(`${where} xattr ${name}`, `${where} ${path} xattr ${name}`, difference[0], difference[1]);
  }
  for (const [name, seen] of observed.xattrs) {
    if (predicted.xattrs.has(name)) continue;
    add(`${where} xattr ${name}`, `${where} ${path} xattr ${name}`, 'absent', sayXattr(seen));
  }
}

function compareReading(
  where: string,
  path: string,
  { dataError, mayFail }: NodeView,
  observed: ObservedNode,
  add: Add,
): void {
  const isError = observed.dataError !== 0;
  if (!isError && dataError === undefined) return;
  const errno = isError ? (errnoName(observed.dataError) ?? observed.dataError) : 'readable';
  const expected: readonly (string | number)[] = dataError?.anyOf ?? ['readable'];
  if (expected.includes(errno) || mayFail?.anyOf.some((error) => error === errno)) return;
  add(`${where} reading`, `${where} ${path}`, expected.join(' or '), String(errno));
}

function compareXattr(
  { identities }: Comparison,
  predicted: XattrValue,
  observed: string | number | undefined,
): readonly [string, string] | null {
  if (typeof predicted === 'string') {
    return predicted === observed ? null : [quote(predicted), sayXattr(observed)];
  }
  if ('randomBytes' in predicted) {
    const isFitting = typeof observed === 'string' && observed.length === predicted.randomBytes;
    return isFitting ? null : [`${predicted.randomBytes} random bytes`, sayXattr(observed)];
  }
  if ('unreadable' in predicted) {
    const seen = typeof observed === 'number' ? errnoName(observed) : null;
    return seen === predicted.unreadable ? null : [predicted.unreadable, sayXattr(observed)];
  }
  const ino = typeof observed === 'string' ? handleIno(observed) : null;
  const isUpper = typeof observed === 'string' && isHandleOfUpper(observed);
  const isSameLayer = (predicted.isUpper ?? false) === isUpper;
  const uuid = typeof observed === 'string' ? handleUuid(observed) : '';
  if (
    ino !== null &&
    isSameLayer &&
    identities.agreeHandle(predicted.handleOf, ino, uuid, predicted.hasNoUuid)
  ) {
    return null;
  }
  const seen = ino === null ? sayXattr(observed) : sayHandle(identities.say(ino), isUpper);
  return [sayHandle(sayIno(predicted.handleOf), predicted.isUpper ?? false), seen];
}

function sayXattr(value: string | number | undefined): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? quote(value) : (errnoName(value) ?? String(value));
}

function describe({ node }: TreeEntry): string {
  return node.kind === 'node' ? node.type : 'an unreadable name';
}
