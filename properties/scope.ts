import type fc from 'fast-check';
import { BOUND } from '../model/flags.ts';
import type { OpenFlag } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { LayerSpec } from '../model/scenario.ts';
import { NAMES, path } from './arbitraries.ts';
import { chance, draw, pick } from './draw.ts';
import { Guess, type Guessed } from './guess.ts';
import { linksOf, programsOf } from './layers.ts';
import { IS_REDIRECTED } from './options.ts';

const HOT_PATHS = 2;
const PATH_CHARS_MAX = 5;
const MADE = { mkdir: 'dir', mknod: 'other', symlink: 'symlink' } as const;

/** What a step may want of the file in a slot. */
export type FdUse = 'list' | 'read' | 'write' | 'any';

/** What copies an object up and leaves it where it is. */
const CHANGES: ReadonlySet<OpName> = new Set<OpName>([
  ...(['chmod', 'chown', 'lchown', 'utimens', 'truncate', 'setxattr', 'lsetxattr'] as const),
  ...(['fchmod', 'fchown', 'futimens', 'fsetxattr'] as const),
]);

interface Slot {
  readonly path: string;
  readonly uses: ReadonlySet<FdUse>;
}

/** What a generator remembers of a scenario, so that its steps meet what layers and steps made. */
export class Scope {
  readonly random: fc.Random;
  private readonly guess: Guess;
  /** A few paths that get much of the attention. */
  private hot: readonly string[];
  private readonly slots: (Slot | null)[] = Array<null>(BOUND.slots).fill(null);
  private lastSlot = 0;
  /** By handle slot, the path of what it was the handle of. */
  private readonly handles: (string | null)[] = Array<null>(BOUND.handles).fill(null);
  /** Slots of memory, and whether it can be written. */
  private readonly maps = new Map<number, boolean>();
  /** An open file just lost its name: a state that few steps lead to and much depends on. */
  hasOrphan = false;
  /** What the next open is for, when a step found no slot to use. */
  wantedUse: FdUse = 'any';
  /** Where mounts differ in all of their options: those of a mount between others. */
  drawOtherOptions: (() => string) | null = null;
  readonly layers: readonly LayerSpec[];
  /** Paths of programs, as layers have them. */
  readonly programs: readonly string[];
  /** Pairs of names that are hard links in a lower layer. */
  readonly links: readonly (readonly [string, string])[];
  readonly hasRedirects: boolean;

  constructor(random: fc.Random, layers: readonly LayerSpec[], options: string) {
    this.random = random;
    this.hasRedirects = IS_REDIRECTED.test(options);
    this.programs = programsOf(layers);
    this.links = linksOf(layers);
    this.layers = layers;
    this.guess = new Guess(layers, this.hasRedirects);
    this.hot = Array.from({ length: HOT_PATHS }, () => this.anyPath());
  }

  /** From now on most of what happens, happens to these paths. */
  focusOn(paths: readonly string[]): void {
    this.hot = paths;
    this.guess.focusOn(paths);
  }

  /** A path that probably exists, of these types if any is given. */
  path(...types: readonly Guessed[]): string {
    const { random, guess, hot } = this;
    if (chance(random, 3)) return '.';
    if (chance(random, 8)) return this.anyPath();
    const isWanted = (at: string): boolean => {
      const type = guess.typeOf(at);
      return type !== undefined && (types.length === 0 || types.includes(type));
    };
    // What is open meets what happens to its name.
    const open = this.slots[this.lastSlot]?.path;
    if (open !== undefined && chance(random, 25) && isWanted(open)) return open;
    const favourite = pick(random, hot);
    if (chance(random, 30) && isWanted(favourite)) return favourite;
    const wanted = types.length === 0 ? [] : guess.pathsOf(...types);
    const paths = wanted.length > 0 ? wanted : guess.paths();
    return paths.length > 0 ? pick(random, paths) : this.anyPath();
  }

  /** A directory that probably is empty, or full of whiteouts. */
  emptyDir(): string {
    const empty = chance(this.random, 60) ? this.guess.emptyDirs() : [];
    return empty.length > 0 ? pick(this.random, empty) : this.path('dir');
  }

  typeOf(path: string): Guessed | undefined {
    return this.guess.typeOf(path);
  }

  /** Something that probably only lower layers have; of few types, each is as likely as others. */
  lowerOnly(...types: readonly Guessed[]): string {
    const choices = types
      .map((type) => this.guess.lowerOnlyOf(type))
      .filter(({ length }) => length > 0);
    return choices.length > 0 ? pick(this.random, pick(this.random, choices)) : this.path(...types);
  }

  /** What the upper layer probably has of some types; `whiteouts` are names that are gone. */
  inUpper(...types: readonly (Guessed | 'whiteout')[]): readonly string[] {
    const { guess } = this;
    const whiteouts = types.includes('whiteout') ? guess.goneNames() : [];
    return [...guess.upperOf(...types.filter((type) => type !== 'whiteout')), ...whiteouts];
  }

  /** A directory that probably can be renamed. */
  movableDir(): string {
    const dirs = this.guess.movableDirs();
    return dirs.length > 0 ? pick(this.random, dirs) : this.path('dir');
  }

  /** What probably is in a directory, the deepest first. */
  below(dir: string): readonly string[] {
    return this.guess.below(dir);
  }

  /** A path to make something at: mostly a free name in a directory. */
  newPath(): string {
    const { random, guess } = this;
    if (chance(random, 20)) return this.path();
    const near = guess.freeInFocus();
    if (near.length > 0 && chance(random, 85)) return pick(random, near);
    const gone = chance(random, 25) ? guess.gonePaths() : [];
    if (gone.length > 0) return pick(random, gone);
    for (let tries = 0; tries < 3; tries++) {
      const dirs = guess.pathsOf('dir');
      const dir = dirs.length === 0 || chance(random, 35) ? '.' : pick(random, dirs);
      const name = pick(random, NAMES);
      const at = dir === '.' || dir.length >= PATH_CHARS_MAX ? name : `${dir}/${name}`;
      if (guess.typeOf(at) === undefined) return at;
    }
    return this.anyPath();
  }

  /** A slot that probably holds what the step can use. */
  fd(use: FdUse): number {
    const { random, slots } = this;
    if (chance(random, 4)) return random.nextInt(0, slots.length - 1);
    if (this.suits(this.lastSlot, use) && chance(random, 60)) return this.lastSlot;
    const start = random.nextInt(0, slots.length - 1);
    for (let step = 0; step < slots.length; step++) {
      const slot = (start + step) % slots.length;
      if (this.suits(slot, use)) return slot;
    }
    return start;
  }

  /** A slot that probably holds a handle. */
  handle(): number {
    const { random, handles } = this;
    const start = random.nextInt(0, handles.length - 1);
    if (chance(random, 4)) return start;
    for (let step = 0; step < handles.length; step++) {
      const slot = (start + step) % handles.length;
      if (handles[slot] != null) return slot;
    }
    return start;
  }

  /** A slot of memory that probably is mapped. */
  map(isWritten: boolean): number {
    const maps = [...this.maps].filter((map) => map[1] || !isWritten).map(([map]) => map);
    return maps.length === 0 ? this.random.nextInt(0, BOUND.maps - 1) : pick(this.random, maps);
  }

  hasMap(isWritten: boolean): boolean {
    return [...this.maps.values()].some((canWrite) => canWrite || !isWritten);
  }

  hasSlotFor(use: FdUse): boolean {
    return this.slots.some((_, slot) => this.suits(slot, use));
  }

  /** The path by which the file in a slot was opened, if there is one. */
  pathOf(slot: number): string | null {
    return this.slots[slot]?.path ?? null;
  }

  private suits(slot: number, use: FdUse): boolean {
    return this.slots[slot]?.uses.has(use) ?? false;
  }

  /** Takes a step into account, as if nothing but types mattered. */
  note(step: Step): void {
    const { guess } = this;
    this.noteOrphan(step);
    switch (step.op) {
      case 'open':
      case 'openat2':
        this.noteOpen(step.args.slot, step.args.path, step.args.flags);
        break;
      case 'reopenFd':
        this.noteOpen(step.args.slot, this.slots[step.args.fd]?.path ?? '', step.args.flags);
        break;
      case 'encodeHandle':
        this.handles[step.args.handle] = step.args.path;
        break;
      case 'encodeFdHandle':
        this.handles[step.args.handle] = this.slots[step.args.fd]?.path ?? null;
        break;
      case 'openHandle':
      case 'openHandleCold':
        this.noteOpen(step.args.slot, this.handles[step.args.handle] ?? '', step.args.flags);
        break;
      case 'close':
        this.slots[step.args.fd] = null;
        break;
      case 'mmap':
        this.noteMap(step.args);
        break;
      case 'munmap':
        this.maps.delete(step.args.map);
        break;
      case 'mkdir':
      case 'mknod':
      case 'symlink':
        guess.make(step.args.path, MADE[step.op]);
        break;
      case 'unlink':
      case 'rmdir':
        guess.remove(step.args.path, step.op === 'rmdir');
        break;
      case 'link':
        guess.link(step.args.from, step.args.to);
        break;
      case 'linkFd':
        guess.make(step.args.to, 'file');
        break;
      case 'rename':
        if (step.args.flags.length === 0) guess.rename(step.args.from, step.args.to);
        break;
      default:
        if (REMOUNTS.has(OPS[step.op].result)) {
          this.slots.fill(null);
          this.maps.clear();
        }
        this.noteChange(step);
    }
  }

  private noteChange(step: Step): void {
    if (step.op === 'offlineLink') this.guess.linkBelow(step.args);
    if (!CHANGES.has(step.op)) return;
    const slot = 'fd' in step.args ? this.slots[step.args.fd] : null;
    const path = 'path' in step.args ? step.args.path : slot?.path;
    if (path !== undefined) this.guess.change(path);
  }

  /** Turns the attention to a slot whose file the step takes the name from, or renames over. */
  private noteOrphan(step: Step): void {
    this.hasOrphan = false;
    const taken = step.op === 'rename' ? step.args.to : 'path' in step.args ? step.args.path : null;
    if (step.op !== 'unlink' && step.op !== 'rmdir' && step.op !== 'rename') return;
    const isTaken = (open: string): boolean => open === taken || open.startsWith(`${taken ?? ''}/`);
    const slot = this.slots.findIndex((open) => open !== null && isTaken(open.path));
    if (slot < 0) return;
    this.lastSlot = slot;
    this.hasOrphan = true;
  }

  private noteOpen(slot: number, at: string, flags: readonly OpenFlag[]): void {
    const isUnnamed = flags.includes('O_TMPFILE');
    let type = this.guess.typeOf(at);
    if (isUnnamed) type = type === 'dir' ? 'file' : undefined;
    else if (flags.includes('O_CREAT') && this.guess.make(at, 'file')) type = 'file';
    const writes = flags.includes('O_WRONLY') || flags.includes('O_RDWR');
    if (writes || flags.includes('O_TRUNC')) this.guess.change(at);
    this.wantedUse = 'any';
    const isDir = type === 'dir';
    if (type === undefined || (isDir && (writes || flags.includes('O_TRUNC')))) return;
    const uses = new Set<FdUse>(['any']);
    if (isDir) uses.add('list');
    if (!isDir && !flags.includes('O_WRONLY')) uses.add('read');
    if (writes) uses.add('write');
    this.slots[slot] = flags.includes('O_PATH') ? null : { path: at, uses };
    this.lastSlot = slot;
  }

  private noteMap({ map, fd, protection, sharing }: (Step & { op: 'mmap' })['args']): void {
    const writes = protection.includes('PROT_WRITE');
    const mayMap = sharing === 'MAP_PRIVATE' || !writes || this.suits(fd, 'write');
    if (this.suits(fd, 'read') && mayMap) this.maps.set(map, writes);
    else this.maps.delete(map);
  }

  private anyPath(): string {
    return draw(this.random, path);
  }
}
