import { typeOfMode } from '../model/compare-fields.ts';
import { ERRNO, errnoName } from '../model/errno.ts';
import type { Difference, Seen, TreeChanges } from '../model/observation.ts';
import { quote } from '../model/print.ts';
import type { Contents, Moment } from './durability-history.ts';
import type { Content } from '../model/sparse.ts';
import { IS_EXPORTED, IS_INDEXED } from './options.ts';
import { NODUMP } from './twin-exceptions.ts';

/** What is seen at each path. */
export type Tree = ReadonlyMap<string, Seen>;

/** What the journal orders: neither data nor what of a file follows from it, nor times. */
const ORDERED = ['mode', 'uid', 'gid', 'nlink', 'ino', 'rdev', 'target', 'flags'] as const;

const IS_USER = /(^|,)userxattr/;

/** What a new mount may show otherwise, of which objects, and why. */
const LOOSE: readonly {
  readonly field: (typeof ORDERED)[number];
  readonly of: (type: string, options: string, before: Seen | undefined) => boolean;
  readonly why: string;
}[] = [
  {
    field: 'nlink',
    of: (type) => type === 'dir',
    why: 'It tells whether a directory was copied up, which is done before its children are.',
  },
  {
    field: 'nlink',
    of: (_, options) => IS_EXPORTED.test(options),
    why: 'The link of the index counts once the object is no longer cached.',
  },
  {
    field: 'ino',
    of: (type, options) => type !== 'dir' && type !== 'file' && IS_USER.test(options),
    why: 'A copy has no user.* xattr that leads to its origin.',
  },
  ...(['ino', 'nlink'] as const).map((field) => ({
    field,
    of: (type: string, options: string, before: Seen | undefined) =>
      type === 'file' && hasOtherNames(before) && !IS_INDEXED.test(options),
    why: 'The copy of one name of several is on disk before what it was made for, as rename is.',
  })),
];

function hasOtherNames(seen: Seen | undefined): boolean {
  return seen?.kind === 'node' && seen.nlink > 1;
}

export function apply(tree: Tree, changes: TreeChanges): Tree {
  const changed = new Map(tree);
  for (const [path, change] of changes) {
    if (change.kind === 'gone') changed.delete(path);
    else changed.set(path, change);
  }
  return changed;
}

/** Where names and attributes are not as they were at that moment. */
export function nameDifferences(
  step: number,
  { tree }: Moment,
  after: Tree,
  options: string,
): Difference[] {
  const refused = [...after].filter(([, { kind }]) => kind === 'unreadable').map(([path]) => path);
  const paths = new Set([...tree.keys(), ...after.keys()]);
  return [...paths].flatMap((path) => {
    const [before, now] = [tree.get(path), after.get(path)];
    if (isUnlisted(before, now) || isUnlisted(now, before)) return [];
    if (refused.some((above) => path.startsWith(`${above}/`))) return [];
    if (before?.kind === 'node' && now?.kind === 'unreadable') {
      const predicted = typeOfMode(before.mode);
      const observed = errnoName(now.error) ?? String(now.error);
      return [{ step, field: 'merged error', at: `merged ${path} error`, predicted, observed }];
    }
    const [was, is] = [fieldsOf(before, options, before), fieldsOf(now, options, before)];
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
      const [predicted, observed] = [was.get(field) ?? 'nothing', is.get(field) ?? 'nothing'];
      if (predicted === observed) return [];
      const at = `merged ${path} ${field}`;
      return [{ step, field: `merged ${field}`, at, predicted, observed }];
    });
  });
}

/**
 * Some directories list whiteouts, and names that lookup refuses: those of one layer without marks.
 * What becomes of them once there is a copy says nothing of the crash.
 */
function isUnlisted(refused: Seen | undefined, other: Seen | undefined): boolean {
  if (refused?.kind !== 'unreadable' || other !== undefined) return false;
  return refused.error === ERRNO.ENOENT || refused.error === ERRNO.EPERM;
}

function fieldsOf(
  seen: Seen | undefined,
  options: string,
  before: Seen | undefined,
): ReadonlyMap<string, string> {
  if (seen === undefined) return new Map();
  if (seen.kind === 'unreadable') return new Map([['error', String(seen.error)]]);
  const type = typeOfMode(seen.mode);
  const loose = LOOSE.filter(({ of }) => of(type, options, before)).map(({ field }) => field);
  // Copy-up leaves this one behind, and is on disk before what it was made for.
  const left = before?.kind === 'node' ? before.flags & NODUMP : 0;
  const shown = { ...seen, flags: seen.flags & ~left };
  const fields = ORDERED.map((name) => {
    return [name, loose.includes(name) ? 'any' : JSON.stringify(shown[name])] as const;
  });
  const xattrs = [...seen.xattrs].map(([name, value]) => {
    return [`xattr ${name}`, typeof value === 'string' ? quote(value) : String(value)] as const;
  });
  return new Map<string, string>([...fields, ...xattrs]);
}

/** Where a file has bytes that it never had since it was synced. */
export function contentDifferences(step: number, { files }: Moment, after: Tree): Difference[] {
  return [...after].flatMap(([path, node]) => {
    const states = files.get(path)?.states ?? null;
    if (node.kind === 'unreadable' || states === null) return [];
    const sizes = states.map(({ size }) => size);
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    const { size, content } = node;
    if (size < least || size > most) {
      const predicted = least === most ? String(least) : `${least} to ${most}`;
      const at = `merged ${path} size`;
      return [{ step, field: 'merged size', at, predicted, observed: String(size) }];
    }
    const wrong = wrongByte(states, size, content);
    if (wrong === null) return [];
    const predicted = states.map((state) => quote(state.content)).join(' or ');
    const at = `merged ${path} content`;
    return [{ step, field: 'merged content', at, predicted, observed: quote(content) }];
  });
}

/** Content without zeros at the end is read as if they were there. */
function wrongByte(states: readonly Contents[], size: number, content: Content): number | null {
  if (states.some((state) => state.size === size && state.content.equals(content))) return null;
  const longest = Math.max(content.length, ...states.map((state) => state.content.length));
  for (let at = 0; at < Math.min(size, longest); at++) {
    const byte = byteAt(content, at);
    const isOf = (state: Contents): boolean =>
      at < state.size ? byteAt(state.content, at) === byte : byte === 0;
    if (!states.some(isOf)) return at;
  }
  return null;
}

function byteAt(content: Content, at: number): number {
  return at < content.length ? content.bytes(at, at + 1).charCodeAt(0) : 0;
}
