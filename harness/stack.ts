import { BOUND } from '../model/flags.ts';
import type { NfsVersion } from '../model/flags.ts';
import { dataIndex } from '../model/offline/find.ts';
import type { LayerName } from '../model/ops/op.ts';
import { BESIDE } from '../model/overlay/beside.ts';
import type { Taken } from '../model/overlay/beside.ts';
import { SECOND } from '../model/overlay/second.ts';
import { isMovable, movedName } from '../model/ops/offline-replace.ts';
import type { BaseType } from '../model/bases.ts';
import type { Step } from '../model/ops/index.ts';
import type { Mounter } from '../model/mounter.ts';
import { mountPointOf } from '../model/scenario.ts';
import { dataPaths, lowerPaths, lowerString } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Device } from './devices.ts';
import { HarnessError } from './errors.ts';
import { GUEST } from './guest.ts';
import type { Mounted } from './recipes.ts';
import type { Filling } from './room-recipes.ts';

type Replacing = Extract<Step, { op: 'offlineReplace' }>['args'];

const NO_LAYER = inGuest('none/layer');

/** Files that are open beside the overlay, and those that the NFS server has open for them. */
export interface Served {
  readonly version: NfsVersion;
  readonly outsides: Set<number>;
  /** One was closed, which the server may not have done yet. */
  isClosing: boolean;
}

/** An overlay that is mounted beside, with layers of its own but for what it takes. */
export interface MountBeside {
  readonly options: string;
  readonly taken?: Taken;
}

/** What another mount of the same layers changes. */
export interface MountChange {
  readonly options?: string;
  readonly isReversed?: boolean;
}

/** Where the layers of a scenario's mount are in the guest, as its steps change that. */
export class Stack {
  /** Which step it is that is encoded, counted from 1. */
  step = 0;
  /** What a client of an NFS server may have open of the overlay; null without a server. */
  served: Served | null = null;
  /** What takes all the room on the file system of the upper layer while a step is made. */
  filling: Filling | null = null;
  #turn = '';
  #lowers: readonly string[];
  readonly #data: readonly string[];
  #options: string;
  readonly #hasUpper: boolean;
  readonly base: BaseType;
  readonly #otherBases: readonly BaseType[];

  /** A directory that is shown instead of the overlay. */
  readonly #plain: string | null;

  readonly #device: Device | undefined;
  #isFailing = false;
  readonly #hasOthers: boolean;
  readonly #mounter: Mounter | undefined;

  constructor(scenario: Scenario, plain: string | null = null, device?: Device) {
    this.#plain = plain;
    this.#device = device;
    this.#hasOthers = (scenario.otherBases ?? []).length > 0;
    this.#lowers = lowerPaths(scenario).map(inGuest);
    this.#data = dataPaths(scenario).map(inGuest);
    this.#options = scenario.options;
    this.#mounter = scenario.mounter;
    this.base = scenario.base;
    this.#otherBases = scenario.otherBases ?? [];
    this.#hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  }

  /** The root of a layer; a path at which nothing can be made when there are not so many. */
  rootOf(layer: LayerName): string {
    if (layer === 'upper') return inGuest(`u${this.#turn}`);
    if (layer === 'work') return inGuest(`w${this.#turn}`);
    const paths = typeof layer === 'number' ? this.#lowers : this.#data;
    return paths[typeof layer === 'number' ? layer : dataIndex(layer)] ?? NO_LAYER;
  }

  /** The layer that the overlay speaks for. */
  topLayer(): string {
    return this.#plain ?? this.rootOf(this.#hasUpper ? 'upper' : 0);
  }

  /** Where a lower layer is copied to on another file system; null when it stays on its own. */
  movedTo({ layer, by, otherFs }: Replacing): string | null {
    const path = typeof layer === 'number' ? this.#lowers[layer] : undefined;
    const goal = this.#otherBases[otherFs - 1];
    if (by === 'empty' || path === undefined || goal === undefined) return null;
    const [, on] = /\/f(\d+)\/[^/]+$/.exec(path) ?? [];
    const source = on === undefined ? this.base : this.#otherBases[Number(on) - 1];
    if (source === undefined || !isMovable(source, goal)) return null;
    return inGuest(`${mountPointOf(otherFs)}/${movedName(this.step)}`);
  }

  /** From now on that is where the layer is. */
  replace(args: Replacing): void {
    const path = this.movedTo(args);
    if (path !== null && typeof args.layer === 'number') {
      this.#lowers = this.#lowers.with(args.layer, path);
    }
  }

  /** The upper layer becomes the top most lower one; the directories that are new, if any. */
  rotate(): readonly string[] {
    if (this.#lowers.length >= BOUND.rotatedLowers || !this.#hasUpper) return [];
    this.#lowers = [this.rootOf('upper'), ...this.#lowers];
    this.#turn = String(Number(this.#turn) + 1);
    return [this.rootOf('upper'), this.rootOf('work')];
  }

  /** From now on that is how the layers are mounted. */
  mountWith(options: string): void {
    this.#options = options;
  }

  /** What the upper layer is on, where that can be taken away and mounted again. */
  device(): Device {
    if (this.#device === undefined || this.#hasOthers) {
      throw new HarnessError('bad-input', 'what crashes or fails is one file system on a device');
    }
    return this.#device;
  }

  /** Whether that changes anything. */
  setFailing(fails: boolean): boolean {
    const isChange = this.#isFailing !== fails;
    this.#isFailing = fails;
    return isChange;
  }

  /** An overlay that stays mounted beside. */
  secondOf(options: string): string {
    const lowers = `lowerdir=${lowerString(this.#lowers, this.#data)}`;
    const own = [`upperdir=${inGuest(SECOND.upper)}`, `workdir=${inGuest(SECOND.work)}`];
    return withOptions([lowers, ...own], options);
  }

  /** What is mounted. */
  dataOf({ options = this.#options, isReversed = false }: MountChange): Mounted {
    if (this.#plain !== null) return { plain: this.#plain };
    const lowers = isReversed ? this.#lowers.toReversed() : this.#lowers;
    const dirs = [
      `lowerdir=${lowerString(lowers, this.#data)}`,
      ...(this.#hasUpper
        ? [`upperdir=${this.rootOf('upper')}`, `workdir=${this.rootOf('work')}`]
        : []),
    ];
    const data = withOptions(dirs, options);
    return this.#mounter === undefined ? data : { data, mounter: this.#mounter };
  }

  /** What is mounted beside it. */
  besideOf({ options, taken }: MountBeside): string {
    const own = { upper: inGuest(BESIDE.upper), work: inGuest(BESIDE.work) };
    const upper = taken?.startsWith('upper') === true ? this.rootOf('upper') : null;
    const isLower = taken === 'upper as lower';
    const lowers = isLower && upper !== null ? [upper, ...this.#lowers] : this.#lowers;
    const takesWork = taken === 'work' || taken === 'upper and work';
    const dirs = [
      `lowerdir=${lowerString(lowers, this.#data)}`,
      `upperdir=${isLower ? own.upper : (upper ?? own.upper)}`,
      `workdir=${takesWork ? this.rootOf('work') : own.work}`,
    ];
    return withOptions(dirs, options);
  }
}

function withOptions(dirs: readonly string[], options: string): string {
  return [...dirs, ...(options === '' ? [] : [options])].join(',');
}

function inGuest(path: string): string {
  return `${GUEST.layers}/${path}`;
}
