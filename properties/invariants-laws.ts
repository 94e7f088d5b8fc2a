import { isDeepStrictEqual } from 'node:util';
import { typeOfMode } from '../model/compare-fields.ts';
import type { KernelIno, ObservedNode, Seen } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import type { Tree } from './durability-law.ts';

/** What is seen after a step. */
export interface Moment {
  readonly merged: Tree;
  readonly base: Tree;
  /** The layers when they were mounted first. */
  readonly made: Tree;
  /** The layers before the step. */
  readonly before: Tree;
  readonly op: OpName | 'mount';
  readonly options: string;
  /** Some step changes layers from outside. */
  readonly isEdited: boolean;
}

interface Broken {
  readonly at: string;
  readonly field: string;
  readonly observed: string;
}

interface Invariant {
  readonly says: string;
  readonly source: string;
  readonly broken: (moment: Moment) => readonly Broken[];
}

const DOC = 'kernel documentation, overlayfs';
const OF_LOWER = /^(f\d+\/)?[ld]\d+(\/|$)/;
const OF_WORK = /^w\/work\/([^/]+)$/;
const FOLLOWS = /(redirect_dir=on|metacopy=on|userxattr)/;
const ORIGIN = 'trusted.overlay.origin';
const IMPURE = 'trusted.overlay.impure';

export const INVARIANTS: readonly Invariant[] = [
  {
    says: 'nothing changes a lower layer',
    source: `${DOC}: Upper and Lower`,
    broken: changesBelow,
  },
  {
    says: 'a whiteout is not seen',
    source: `${DOC}: whiteouts and opaque directories`,
    broken: ({ merged }) =>
      nodesOf(merged)
        .filter(([, node]) => isWhiteout(node))
        .map(([path]) => ({ at: `merged ${path}`, field: 'merged', observed: 'a whiteout' })),
  },
  {
    says: 'all names of a file show the same file',
    source: 'POSIX: st_ino and st_dev together name a file',
    broken: namesApart,
  },
  {
    says: 'a directory has a link for each directory in it, or one link',
    source: `${DOC}: nlink of merged directories is 1, as observed on linux-6.18`,
    broken: wrongLinks,
  },
  {
    says: 'the work directory keeps nothing but one whiteout',
    source: 'observed on linux-6.18: a whiteout is kept to be linked, all else is moved away',
    broken: leftovers,
  },
  {
    says: 'a whiteout hides something',
    source: `${DOC}: whiteouts and opaque directories`,
    broken: idleWhiteouts,
  },
  {
    says: 'a directory is impure that has a copy in it which shows the number of its origin',
    source: 'observed on linux-6.18: without the mark d_ino of copies is that of the upper file',
    broken: unmarked,
  },
];

function changesBelow({ base, before, op }: Moment): readonly Broken[] {
  if (op === 'mount' || OPS[op].result === 'edit') return [];
  return [...new Set([...before.keys(), ...base.keys()])].filter(isOfLower).flatMap((path) => {
    const [was, is] = [before.get(path), base.get(path)];
    if (was === is || isDeepStrictEqual(withoutBlocks(was), withoutBlocks(is))) return [];
    return [{ at: `base ${path}`, field: 'lower', observed: 'changed' }];
  });
}

/** Reading memory that is mapped from a hole of a tmpfs allocates it. */
function withoutBlocks(seen: Seen | undefined): Seen | undefined {
  return seen?.kind === 'node' ? { ...seen, blocks: 0 } : seen;
}

function namesApart({ merged }: Moment): readonly Broken[] {
  const first = new Map<string, readonly [path: string, node: ObservedNode]>();
  return nodesOf(merged).flatMap(([path, node]) => {
    const key = `${node.dev} ${node.ino}`;
    const [other, known] = first.get(key) ?? [path, node];
    first.set(key, [other, known]);
    const fields: string[] = (['mode', 'uid', 'gid', 'nlink', 'size', 'target'] as const).filter(
      (field) => known[field] !== node[field],
    );
    if (!known.content.equals(node.content)) fields.push('content');
    if (fields.length === 0) return [];
    return [{ at: `merged ${path}`, field: 'merged', observed: `${fields.join()} of ${other}` }];
  });
}

function wrongLinks({ merged }: Moment): readonly Broken[] {
  const dirs = new Map<string, number>();
  const refused = new Set<string>();
  for (const [path, seen] of merged) {
    if (seen.kind === 'unreadable') refused.add(parentOf(path));
    else if (path !== '' && typeOfMode(seen.mode) === 'dir') {
      dirs.set(parentOf(path), (dirs.get(parentOf(path)) ?? 0) + 1);
    }
  }
  return nodesOf(merged).flatMap(([path, { mode, nlink, dataError }]) => {
    // Names are missing where one of them cannot be looked up.
    if (dataError !== 0) return [];
    const isRight = nlink === 1 || nlink === 2 + (dirs.get(path) ?? 0);
    if (typeOfMode(mode) !== 'dir' || refused.has(path) || isRight) return [];
    return [{ at: `merged ${path} nlink`, field: 'merged nlink', observed: String(nlink) }];
  });
}

function leftovers({ base, made }: Moment): readonly Broken[] {
  let whiteouts = 0;
  return nodesOf(base).flatMap(([path, node]) => {
    const name = OF_WORK.exec(path)?.[1];
    if (name === undefined || name === 'incompat' || made.has(path)) return [];
    if (isWhiteout(node) && whiteouts++ === 0) return [];
    return [{ at: `base ${path}`, field: 'work', observed: typeOfMode(node.mode) }];
  });
}

function idleWhiteouts({ base, made, options, isEdited }: Moment): readonly Broken[] {
  if (isEdited || FOLLOWS.test(options)) return [];
  const old = inosOf(made);
  const below = new Set([...base.keys()].filter(isOfLower).map(withoutLayer));
  return nodesOf(base).flatMap(([path, node]) => {
    const isNew = path.startsWith('u/') && !old.has(node.ino);
    if (!isNew || !isWhiteout(node) || below.has(withoutLayer(path))) return [];
    return [{ at: `base ${path}`, field: 'whiteout', observed: 'nothing below' }];
  });
}

/** What shows its own number needs no translation, and a listing may take the mark away. */
function unmarked({ base, merged, made, isEdited }: Moment): readonly Broken[] {
  if (isEdited) return [];
  const old = inosOf(made);
  const impure = new Set(
    nodesOf(base).flatMap(([path, node]) => (node.xattrs.has(IMPURE) ? path : [])),
  );
  return nodesOf(base).flatMap(([path, node]) => {
    const isCopy = path.startsWith('u/') && node.xattrs.has(ORIGIN) && !old.has(node.ino);
    if (!isCopy || impure.has(parentOf(path))) return [];
    const shown = merged.get(path.slice('u/'.length));
    // Nothing is shown once a mount is refused.
    if (shown?.kind !== 'node' || shown.ino === node.ino) return [];
    return [{ at: `base ${parentOf(path)}`, field: 'impure', observed: `a copy at ${path}` }];
  });
}

function nodesOf(tree: Tree): (readonly [string, ObservedNode])[] {
  return [...tree].flatMap(([path, seen]) => {
    return seen.kind === 'node' ? [[path, seen] as const] : [];
  });
}

/** What was there from the start, wherever it is now. */
function inosOf(made: Tree): ReadonlySet<KernelIno> {
  return new Set(nodesOf(made).map(([, { ino }]) => ino));
}

function isWhiteout({ mode, rdev }: ObservedNode): boolean {
  return typeOfMode(mode) === 'chr' && rdev.major === 0 && rdev.minor === 0;
}

function isOfLower(path: string): boolean {
  return OF_LOWER.test(path);
}

/** A path seen from the root of its layer. */
function withoutLayer(path: string): string {
  return path.replace(/^(f\d+\/)?[a-z]\d*\//, '');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
