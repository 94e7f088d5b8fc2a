import type fc from 'fast-check';
import type { OpenFlag } from '../model/flags.ts';
import { BOUND } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import type { ArgKinds } from '../model/ops/op.ts';
import { chance, pick } from './draw.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

export const UPPER_FILES = ['a', 'b'] as const;
export const LOWER_FILES = ['c', 'd'] as const;
/** A few files that many have open. */
const FILES = ['a', 'a', 'a', 'b', 'c', 'c', 'd'] as const;
/** In the first page, in the second, and across. */
const OFFSETS = [0, 0, 4096, 4990, 4094] as const;
const SYNCS = ['fsync', 'fsync', 'fdatasync', 'syncfs'] as const;
const SECOND_PERCENT = 50;
/** Slots that nothing is in are worth a try now and then. */
const ANY_SLOT_PERCENT = 3;

interface Wanted {
  readonly stepCount: number;
  /** The log of the file system is not to be written while the device fails. */
  readonly hasLog: boolean;
}

/** Episodes in which data is lost: who has files open before it, how it is lost, who asks then. */
export function drawFaults(random: fc.Random, { stepCount, hasLog }: Wanted): readonly Step[] {
  const drawing = new Drawing(random);
  if (chance(random, SECOND_PERCENT)) drawing.mountSecond();
  while (drawing.steps.length < stepCount) {
    drawing.some(4, drawing.before);
    drawing.add({ op: 'failDevice', args: {} });
    drawing.some(4, hasLog ? drawing.lossesBesideLog : drawing.losses);
    drawing.add({ op: 'repairDevice', args: {} });
    drawing.some(8, drawing.after);
  }
  return drawing.steps;
}

class Drawing {
  readonly steps: Step[] = [];
  readonly #random: fc.Random;
  readonly #files = new Map<number, { readonly canWrite: boolean }>();
  readonly #outside = new Map<number, { readonly canWrite: boolean }>();
  /** Slots of files whose upper file is in the same slot outside. */
  readonly #paired = new Set<number>();
  #hasSecond = false;

  constructor(random: fc.Random) {
    this.#random = random;
  }

  readonly before = [
    ...[this.#open, this.#open, this.#openOutside, this.#write, this.#write, this.#writeOutside],
    ...[this.#map, this.#writeMap, this.#read, this.#sync],
  ];
  readonly lossesBesideLog = [
    ...[this.#write, this.#write, this.#writeOutside, this.#writeOut, this.#writeOut],
  ];
  readonly losses = [
    ...this.lossesBesideLog,
    ...[this.#sync, this.#syncOutside, this.#syncAll, this.#syncMap, this.#open, this.#change],
  ];
  readonly after = [
    ...[this.#sync, this.#sync, this.#sync, this.#syncOutside, this.#syncOutside, this.#syncMap],
    ...[this.#open, this.#openOutside, this.#read, this.#syncRange, this.#change, this.#write],
  ];

  add(step: Step): void {
    this.steps.push(step);
  }

  some(most: number, makers: readonly (() => void)[]): void {
    const count = this.#random.nextInt(1, most);
    for (let made = 0; made < count; made++) pick(this.#random, makers).call(this);
  }

  mountSecond(): void {
    const options = chance(this.#random, 30) ? `${DEFAULT_OPTIONS},volatile` : DEFAULT_OPTIONS;
    this.add({ op: 'secondMount', args: { options } });
    this.#hasSecond = true;
  }

  /** A slot that is in use, if there is one. */
  #slotOf(used: ReadonlyMap<number, { readonly canWrite: boolean }>, writes = false): number {
    const fit = [...used].filter(([, { canWrite }]) => canWrite || !writes).map(([slot]) => slot);
    const isAny = fit.length === 0 || chance(this.#random, ANY_SLOT_PERCENT);
    return isAny ? this.#random.nextInt(0, BOUND.slots - 1) : pick(this.#random, fit);
  }

  #open(): void {
    const slot = this.#random.nextInt(0, BOUND.slots - 1);
    const path = pick(this.#random, FILES);
    const access = pick(this.#random, ['O_RDWR', 'O_RDWR', 'O_RDONLY'] as const);
    const isSync = chance(this.#random, 10);
    const flags: OpenFlag[] = isSync ? [access, 'O_SYNC'] : [access];
    this.add({ op: 'open', args: { slot, path, flags, mode: 0 } });
    this.#files.set(slot, { canWrite: access === 'O_RDWR' });
    this.#paired.delete(slot);
    if (!chance(this.#random, 60)) return;
    this.#addOutside({ outside: slot, place: 'upper', path, access: 'ro' });
    if (!isSync) this.#paired.add(slot);
  }

  #openOutside(): void {
    this.#addOutside({
      outside: this.#random.nextInt(0, BOUND.slots - 1),
      place: this.#hasSecond ? pick(this.#random, ['upper', 'second', 'second'] as const) : 'upper',
      path: pick(this.#random, FILES),
      access: pick(this.#random, ['rw', 'rw', 'ro'] as const),
    });
  }

  #addOutside(args: Extract<Step, { op: 'outsideOpen' }>['args']): void {
    this.add({ op: 'outsideOpen', args });
    this.#outside.set(args.outside, { canWrite: args.access === 'rw' });
    this.#paired.delete(args.outside);
  }

  #write(): void {
    const [fd, offset] = [this.#slotOf(this.#files, true), pick(this.#random, OFFSETS)];
    this.add({ op: 'pwrite', args: { fd, bytes: 'lost?', offset } });
  }

  #writeOutside(): void {
    const [outside, offset] = [this.#slotOf(this.#outside, true), pick(this.#random, OFFSETS)];
    this.add({ op: 'outsideWrite', args: { outside, bytes: 'outside', offset } });
  }

  #sync(): void {
    const [fd, how] = [this.#slotOf(this.#files), pick(this.#random, SYNCS)];
    this.add({ op: how, args: { fd } });
    if (this.#paired.has(fd) && how !== 'syncfs') this.#syncOf(fd, how);
  }

  #syncOutside(): void {
    this.#syncOf(this.#slotOf(this.#outside), pick(this.#random, SYNCS));
  }

  #writeOut(): void {
    this.#syncOf(this.#slotOf(this.#outside), 'FIEMAP');
  }

  #syncOf(outside: number, how: ArgKinds['syncCall']): void {
    this.add({ op: 'outsideSync', args: { outside, how } });
  }

  #syncAll(): void {
    this.add({ op: 'sync', args: {} });
  }

  #read(): void {
    this.add({ op: 'pread', args: { fd: this.#slotOf(this.#files), size: 8, offset: 0 } });
  }

  #map(): void {
    const fd = this.#slotOf(this.#files, true);
    const protection = ['PROT_READ', 'PROT_WRITE'] as const;
    const how = { offset: 0, size: 8192, protection, sharing: 'MAP_SHARED' } as const;
    this.add({ op: 'mmap', args: { map: 0, fd, ...how } });
    this.#paired.delete(fd);
  }

  #writeMap(): void {
    this.add({ op: 'writeMap', args: { map: 0, offset: 4090, bytes: 'in memory' } });
  }

  #syncMap(): void {
    this.add({
      op: 'msync',
      args: { map: 0, size: pick(this.#random, [4096, 8192]), flags: ['MS_SYNC'] },
    });
  }

  #syncRange(): void {
    this.add({
      op: 'syncFileRange',
      args: { fd: this.#slotOf(this.#files), start: 0, size: 8192 },
    });
  }

  /** A change of attributes, which copies up. */
  #change(): void {
    this.add({ op: 'chmod', args: { path: pick(this.#random, FILES), mode: 0o600 } });
  }
}
