import type { ArgKinds } from '../model/ops/op.ts';
import type { Entry, LayerSpec } from '../model/scenario.ts';

/** Of the one or the other kind of mount. */
const XATTR_WHITEOUT = /^(trusted|user)\.overlay\.whiteout$/;
const OPAQUE = /^(trusted|user)\.overlay\.opaque$/;

export type Guessed = 'dir' | 'file' | 'symlink' | 'other';

/**
 * A guess at what exists, so that most steps find what they need. It is a guess only: it knows no
 * permissions and no rule of overlayfs, and nothing but the generator believes it.
 */
export class Guess {
  private readonly types = new Map<string, Guessed>();
  /** Directories that a lower layer has: without redirects these cannot be renamed. */
  private readonly lowerDirs = new Set<string>();
  /** What only lower layers have: the first change of it is a copy-up. */
  private readonly lowerOnly = new Set<string>();
  /** Names that lost their object, and may be whiteouts. */
  private readonly gone = new Set<string>();
  private readonly hasRedirects: boolean;
  /** What all is about, where it is about anything. */
  private focus: readonly string[] = [];

  constructor(layers: readonly LayerSpec[], hasRedirects: boolean) {
    this.hasRedirects = hasRedirects;
    const lowers = layers.filter(({ role }) => role === 'lower');
    const uppers = layers.filter(({ role }) => role === 'upper');
    for (const { role, entries } of [...lowers.toReversed(), ...uppers]) {
      const seen = new Set<string>();
      for (const entry of entries) this.put(entry, seen, role === 'lower');
    }
  }

  typeOf(path: string): Guessed | undefined {
    return path === '.' ? 'dir' : this.types.get(path);
  }

  /** From now on these paths come before all others. */
  focusOn(paths: readonly string[]): void {
    this.focus = paths;
  }

  /** Names of the focus that something can be made at. */
  freeInFocus(): readonly string[] {
    const isFree = (path: string): boolean => this.types.get(path) === undefined;
    return this.focus.filter((path) => isFree(path) && this.typeOf(parentOf(path)) === 'dir');
  }

  /** Paths of some types, in a stable order. */
  pathsOf(...types: readonly Guessed[]): readonly string[] {
    return this.inFocus(this.allOf(...types));
  }

  private allOf(...types: readonly Guessed[]): readonly string[] {
    const paths: string[] = [];
    for (const [path, type] of this.types) if (types.includes(type)) paths.push(path);
    return paths;
  }

  private inFocus(paths: readonly string[]): readonly string[] {
    if (this.focus.length === 0) return paths;
    const near = paths.filter((path) => this.focus.includes(path));
    return near.length > 0 ? near : paths;
  }

  paths(): readonly string[] {
    return this.inFocus([...this.types.keys()]);
  }

  lowerOnlyOf(type: Guessed): readonly string[] {
    return this.inFocus(this.allOf(type).filter((path) => this.lowerOnly.has(path)));
  }

  /** What the upper layer probably has of some types. */
  upperOf(...types: readonly Guessed[]): readonly string[] {
    return this.allOf(...types).filter((path) => !this.lowerOnly.has(path));
  }

  /** Names that lost their object: whiteouts, some of them. */
  goneNames(): readonly string[] {
    return [...this.gone];
  }

  movableDirs(): readonly string[] {
    return this.inFocus(this.allOf('dir').filter((path) => !this.lowerDirs.has(path)));
  }

  /** Free names that once had an object, in directories. */
  gonePaths(): readonly string[] {
    return this.inFocus([...this.gone].filter((path) => this.typeOf(parentOf(path)) === 'dir'));
  }

  /** What is in a directory, the deepest first. */
  below(dir: string): readonly string[] {
    const paths = [...this.types.keys()];
    const inside = paths.filter((path) => dir === '.' || path.startsWith(`${dir}/`));
    return inside.sort((a, b) => b.length - a.length);
  }

  emptyDirs(): readonly string[] {
    return this.inFocus(this.allOf('dir').filter((dir) => !this.hasEntries(dir)));
  }

  /** Makes an object at a free name of a directory; says whether that went well. */
  make(path: string, type: Guessed): boolean {
    const parent = parentOf(path);
    if (this.typeOf(path) !== undefined || this.typeOf(parent) !== 'dir') return false;
    this.change(parent);
    this.types.set(path, type);
    this.gone.delete(path);
    return true;
  }

  /** An object that changes is in the upper layer from then on, as is what it is in. */
  change(path: string): void {
    for (let at = path; at !== '.'; at = parentOf(at)) this.lowerOnly.delete(at);
  }

  remove(path: string, isDir: boolean): void {
    const type = this.types.get(path);
    if (type === undefined || (type === 'dir') !== isDir) return;
    if (isDir && this.hasEntries(path)) return;
    this.change(path);
    this.forget(path);
  }

  link(from: string, to: string): void {
    const type = this.types.get(from);
    if (type === undefined || type === 'dir' || !this.make(to, type)) return;
    this.change(from);
  }

  /** A further name within a layer: one of a lower layer is seen where nothing hides it. */
  linkBelow({ layer, from, to }: { layer: ArgKinds['layer']; from: string; to: string }): void {
    const type = this.types.get(from);
    if (type === undefined || type === 'dir') return;
    if (this.typeOf(to) !== undefined || this.typeOf(parentOf(to)) !== 'dir') return;
    this.place(to, type, typeof layer === 'number');
  }

  rename(from: string, to: string): void {
    const type = this.types.get(from);
    if (type === undefined || from === to || to === '.') return;
    if (this.lowerDirs.has(from) && !this.hasRedirects) return;
    if (this.typeOf(parentOf(to)) !== 'dir' || to.startsWith(`${from}/`)) return;
    const old = this.types.get(to);
    if (old !== undefined && ((old === 'dir') !== (type === 'dir') || this.hasEntries(to))) return;
    this.change(from);
    this.change(to);
    this.forget(to);
    const moved = [...this.types].filter(([path]) => path === from || path.startsWith(`${from}/`));
    for (const [path] of moved) this.forget(path);
    for (const [path, kind] of moved) {
      this.types.set(to + path.slice(from.length), kind);
      this.gone.delete(to + path.slice(from.length));
    }
  }

  private put(entry: Entry, seen: Set<string>, isLower: boolean): void {
    const { path } = entry;
    // Within a layer the first object at a path stays.
    if (path === '.' || seen.has(path)) return;
    seen.add(path);
    for (let at = parentOf(path); at !== '.'; at = parentOf(at)) {
      seen.add(at);
      this.place(at, 'dir', isLower);
    }
    const marks = Object.entries(entry.xattrs ?? {});
    const isXattr = marks.some(([name]) => XATTR_WHITEOUT.test(name));
    const isDevice = entry.type === 'chr' && entry.rdev.major === 0;
    const isWhiteout = isDevice || (isXattr && entry.type === 'file');
    const isOpaque = marks.some(([name, value]) => OPAQUE.test(name) && value !== 'x');
    if (isWhiteout || isOpaque || entry.type !== 'dir') this.removeTree(path);
    if (isWhiteout) this.gone.add(path);
    else this.place(path, guessedType(entry), isLower);
  }

  private place(path: string, type: Guessed, isLower: boolean): void {
    this.types.set(path, type);
    this.gone.delete(path);
    if (isLower) this.lowerOnly.add(path);
    else this.lowerOnly.delete(path);
    if (isLower && type === 'dir') this.lowerDirs.add(path);
  }

  private forget(path: string): void {
    this.types.delete(path);
    this.lowerDirs.delete(path);
    this.lowerOnly.delete(path);
    this.gone.add(path);
  }

  private hasEntries(dir: string): boolean {
    for (const path of this.types.keys()) if (path.startsWith(`${dir}/`)) return true;
    return false;
  }

  private removeTree(root: string): void {
    for (const path of [...this.types.keys()]) {
      if (path === root || path.startsWith(`${root}/`)) this.forget(path);
    }
  }
}

function guessedType({ type }: Entry): Guessed {
  if (type === 'link') return 'file';
  return type === 'dir' || type === 'file' || type === 'symlink' ? type : 'other';
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}
