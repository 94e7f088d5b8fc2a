import type fc from 'fast-check';
import { BOUND } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import type { LayerSpec } from '../model/scenario.ts';
import { NAMES, path } from './arbitraries.ts';
import { chance, draw, pick } from './draw.ts';

const HOT_PATHS = 3;
const PATH_CHARS_MAX = 5;

/** What a generator remembers of a scenario, so that its steps meet what layers and steps made. */
export class Scope {
  readonly random: fc.Random;
  /** Paths that may exist; those that come often exist more likely. */
  private readonly paths: string[] = [];
  private readonly dirs: string[] = ['.'];
  /** A few paths that get most of the attention. */
  private readonly hot: string[] = [];
  private readonly slots: ('empty' | 'dir' | 'file')[] = Array<'empty'>(BOUND.slots).fill('empty');
  private readonly slotPaths: (string | null)[] = Array<null>(BOUND.slots).fill(null);
  private lastSlot = 0;

  constructor(random: fc.Random, layers: readonly LayerSpec[]) {
    this.random = random;
    for (const { entries } of layers) {
      for (const entry of entries) {
        if (entry.path === '.') continue;
        this.paths.push(entry.path);
        if (entry.type === 'dir') this.dirs.push(entry.path);
        const parent = parentOf(entry.path);
        if (parent !== null) this.dirs.push(parent);
      }
    }
    for (let hot = 0; hot < HOT_PATHS; hot++) this.hot.push(this.anyPath());
  }

  /** A path that probably exists. */
  path(): string {
    const { random } = this;
    if (chance(random, 2)) return '.';
    // What is open meets what happens to its name.
    if (chance(random, 15)) return this.slotPaths[this.lastSlot] ?? this.anyPath();
    return chance(random, 45) ? pick(random, this.hot) : this.anyPath();
  }

  /** A directory that probably exists. */
  dir(): string {
    return chance(this.random, 80) ? pick(this.random, this.dirs) : this.path();
  }

  /** A path to make something at: a name in a directory, which may be taken. */
  newPath(): string {
    const { random } = this;
    if (chance(random, 40)) return this.path();
    const dir = pick(random, this.dirs);
    const name = pick(random, NAMES);
    return dir === '.' || dir.length >= PATH_CHARS_MAX ? name : `${dir}/${name}`;
  }

  /** A slot that probably holds an open file, or an open directory. */
  fd(wanted: 'dir' | 'file'): number {
    const { random, slots } = this;
    if (slots[this.lastSlot] === wanted && chance(random, 70)) return this.lastSlot;
    const start = random.nextInt(0, slots.length - 1);
    if (chance(random, 10)) return start;
    for (const kind of [wanted, wanted === 'dir' ? 'file' : 'dir'] as const) {
      for (let step = 0; step < slots.length; step++) {
        const slot = (start + step) % slots.length;
        if (slots[slot] === kind) return slot;
      }
    }
    return start;
  }

  hasOpenSlot(): boolean {
    return this.slots.some((kind) => kind !== 'empty');
  }

  /** Takes a step into account, as if it succeeded. */
  note(step: Step): void {
    switch (step.op) {
      case 'open': {
        const { slot, path: at, flags } = step.args;
        const isDir = !flags.includes('O_TMPFILE') && this.dirs.includes(at);
        this.slots[slot] = isDir || flags.includes('O_DIRECTORY') ? 'dir' : 'file';
        this.slotPaths[slot] = at;
        this.lastSlot = slot;
        if (flags.includes('O_CREAT')) this.paths.push(at);
        break;
      }
      case 'close':
        this.slots[step.args.fd] = 'empty';
        break;
      case 'remount':
        this.slots.fill('empty');
        break;
      case 'mkdir':
        this.dirs.push(step.args.path);
        this.paths.push(step.args.path);
        break;
      case 'mknod':
      case 'symlink':
        this.paths.push(step.args.path);
        break;
      case 'link':
      case 'linkFd':
      case 'rename':
        this.paths.push(step.args.to);
        if (step.op === 'rename' && this.dirs.includes(step.args.from)) {
          this.dirs.push(step.args.to);
        }
        break;
    }
  }

  private anyPath(): string {
    const { random, paths } = this;
    return paths.length > 0 && chance(random, 80) ? pick(random, paths) : draw(random, path);
  }
}

function parentOf(at: string): string | null {
  const slash = at.lastIndexOf('/');
  return slash < 0 ? null : at.slice(0, slash);
}
