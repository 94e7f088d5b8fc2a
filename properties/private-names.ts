import type fc from 'fast-check';
import type { Step } from '../model/ops/index.ts';
import type { Entry, LayerSpec } from '../model/scenario.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { parentOf } from './guess.ts';
import { randomAt } from './random.ts';

/**
 * What overlayfs makes of names that are private to it, or look as if they were. It is put into
 * scenarios that were drawn without, from random numbers of its own, so that others stay as they
 * are.
 */

const TRUSTED = 'trusted.overlay.';
const USER = 'user.overlay.';
const HAS_USERXATTR = /(^|,)userxattr(,|$)/;
/** How many scenarios have any of it. */
const PERCENT = 12;
const USERXATTR_PERCENT = 50;
const WHITEOUTS_MAX = 3;
const STREAM = 0x4000_0000;
/** So long that escaping it makes it too long, or escaping it in the overlay below once more. */
const LONG = 'n'.repeat(235);
const LONG_BELOW = 'n'.repeat(228);

export class PrivateNames {
  private readonly random: fc.Random;
  private readonly isUser: boolean;
  private readonly isWanted: boolean;

  constructor(seed: number, index: number, options: string) {
    // Indexes have nothing in common, and no campaign comes to this one.
    this.random = randomAt(seed, index ^ STREAM);
    this.isUser = HAS_USERXATTR.test(options);
    this.isWanted = chance(this.random, this.isUser ? USERXATTR_PERCENT : PERCENT);
  }

  inLayers(layers: readonly LayerSpec[]): readonly LayerSpec[] {
    const own = this.isUser ? layers.map((layer) => this.renamed(layer)) : layers;
    if (!this.isWanted) return own;
    const marked = own.map((layer) => ({
      ...layer,
      entries: layer.entries.map((entry) => (chance(this.random, 25) ? this.mark(entry) : entry)),
    }));
    return chance(this.random, 75) ? this.withWhiteouts(marked) : marked;
  }

  inSteps(steps: readonly Step[]): readonly Step[] {
    if (!this.isUser && !this.isWanted) return steps;
    return steps.map((step) => {
      if (!('name' in step.args)) return step;
      const { name: drawn } = step.args;
      const isOffline = step.op === 'offlineSetMark' || step.op === 'offlineRemoveMark';
      const name = isOffline ? this.withOwnPrefix(drawn) : this.nameInStep(drawn);
      // The same arguments but for the name.
      return { ...step, args: { ...step.args, name } } as Step;
    });
  }

  private nameInStep(name: string): string {
    if (this.isWanted && chance(this.random, 15)) return this.nearName();
    if (this.isWanted && chance(this.random, 40)) {
      const names = ['whiteout', 'opaque', 'a', 'overlay.opaque', LONG, LONG_BELOW, ''];
      return this.prefix() + pick(this.random, names);
    }
    return this.withOwnPrefix(name);
  }

  /** Mostly what the mount looks for, where a name has its other prefix. */
  private withOwnPrefix(name: string): string {
    return this.isUser && name.startsWith(TRUSTED) && chance(this.random, 85)
      ? USER + name.slice(TRUSTED.length)
      : name;
  }

  /** Mostly the one that the mount has. */
  private prefix(): string {
    return this.isUser === chance(this.random, 80) ? USER : TRUSTED;
  }

  /** One that begins as private ones do, and is none. */
  private nearName(): string {
    return this.prefix().slice(0, -1) + pick(this.random, ['x', 'xxx', '_a', 'opaque', '']);
  }

  /** The marks of a layer under the prefix that the mount looks for. */
  private renamed(layer: LayerSpec): LayerSpec {
    const entries = layer.entries.map((entry) => {
      if (entry.xattrs === undefined) return entry;
      const xattrs = Object.entries(entry.xattrs).map(([name, value]) => [
        this.withOwnPrefix(name),
        value,
      ]);
      return { ...entry, xattrs: Object.fromEntries(xattrs) as Record<string, string> };
    });
    return { ...layer, entries };
  }

  /** One that the overlay shows as private, or a whiteout that may hide nothing. */
  private mark(entry: Entry): Entry {
    if (entry.type !== 'dir' && entry.type !== 'file') return entry;
    if (chance(this.random, 35)) {
      return { ...entry, xattrs: { ...entry.xattrs, [this.nearName()]: 'y' } };
    }
    const suffixes =
      entry.type === 'dir'
        ? ['overlay.opaque', 'overlay.whiteout', 'overlay.overlay.opaque', 'opaque', 'overlay.a']
        : [
            'overlay.whiteout',
            'overlay.origin',
            'overlay.overlay.a',
            'overlay.metacopy',
            'whiteout',
          ];
    const name = this.prefix() + pick(this.random, suffixes);
    const value = pick(this.random, ['y', 'x', 'x', '', 'n', 'yes']);
    return { ...entry, xattrs: { ...entry.xattrs, [name]: value } };
  }

  /** Files that are whiteouts, mostly of something below and in directories that say so. */
  private withWhiteouts(layers: readonly LayerSpec[]): readonly LayerSpec[] {
    const made = layers.map((layer) => ({ ...layer, entries: [...layer.entries] }));
    // Data-only layers, which come last, hide nothing.
    const merged = layers.filter(({ role }) => role !== 'data').length;
    const count = this.random.nextInt(1, WHITEOUTS_MAX);
    for (let left = count; left > 0; left--) {
      const at = this.random.nextInt(0, merged - 1);
      const layer = made[at];
      if (layer === undefined) continue;
      const below = made.slice(at + 1).flatMap(({ entries }) => entries.map(({ path }) => path));
      this.addWhiteout(layer.entries, this.placeOf(below));
    }
    return made;
  }

  private placeOf(below: readonly string[]): string {
    const place = below.length > 0 && chance(this.random, 80) ? pick(this.random, below) : '.';
    if (place !== '.') return place;
    const dir = chance(this.random, 50) ? '' : `${pick(this.random, NAMES)}/`;
    return dir + pick(this.random, NAMES);
  }

  private addWhiteout(entries: Entry[], path: string): void {
    const prefix = this.prefix();
    const isEmpty = chance(this.random, 90);
    const whiteout: Entry = {
      path,
      type: 'file',
      xattrs: { [`${prefix}whiteout`]: pick(this.random, ['', 'y']) },
      ...(isEmpty ? {} : { pieces: [{ at: 0, text: 'x' }] }),
    };
    // The first entry of a path counts.
    entries.unshift(whiteout);
    if (chance(this.random, 30)) return;
    const parent = parentOf(path);
    const mark = { [`${prefix}opaque`]: chance(this.random, 90) ? 'x' : 'y' };
    const known = entries.findIndex((entry) => entry.path === parent);
    const old = entries[known];
    if (old === undefined) entries.unshift({ path: parent, type: 'dir', xattrs: mark });
    else if (old.type === 'dir') {
      entries[known] = { ...old, xattrs: { ...old.xattrs, ...mark } };
    }
  }
}
