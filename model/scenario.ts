import type { MountPlan } from './mount-plan.ts';
import type { Mounter } from './mounter.ts';
import type { BaseType } from './bases.ts';
import type { FileFlag } from './flags.ts';
import type { Step } from './ops/index.ts';
import type { ModuleParameters } from './semantics/module-parameters.ts';
import type { DeviceNumber } from './state.ts';

interface EntryBase {
  /** Relative to the root of the layer; `.` is the root itself. */
  readonly path: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
  /** As chattr(1) sets them; only files and directories have any. */
  readonly flags?: readonly FileFlag[];
}

/** A piece of a file's content: `text` at byte `at`. What lies between pieces is a hole. */
export interface Piece {
  readonly at: number;
  readonly text: string;
}

/** One object of a layer. Directories on its path that are missing are made. */
export type Entry = EntryBase &
  (
    | { readonly type: 'dir' }
    | {
        readonly type: 'file';
        readonly pieces?: readonly Piece[];
        readonly size?: number;
        /** With fs-verity, where the file system has it; never in the upper layer. */
        readonly verity?: true;
      }
    | { readonly type: 'symlink'; readonly target: string }
    | { readonly type: 'fifo' }
    | { readonly type: 'chr' | 'blk'; readonly rdev: DeviceNumber }
    /** A hard link to an earlier entry of the same layer; nothing when there is none. */
    | { readonly type: 'link'; readonly to: string }
  );

export interface LayerSpec {
  /** Lower layers from the top one to the bottom one, and so those that have nothing but data. */
  readonly role: 'upper' | 'lower' | 'data';
  /** Which of the other file systems a lower layer is on, counted from 1. */
  readonly on?: number;
  /**
   * A lower layer whose mount has root and alice in each other's place, where the kernel and the
   * file system can: then all that look at the layer see it so.
   */
  readonly mapped?: true;
  readonly entries: readonly Entry[];
}

/** What runs: plain data. Every sublist of its steps and of its entries is a scenario as well. */
export interface Scenario {
  /** The file system of the upper layer, and of each lower one that is on no other. */
  readonly base: BaseType;
  /** Further file systems for lower layers. */
  readonly otherBases?: readonly BaseType[];
  readonly layers: readonly LayerSpec[];
  /** The option string of the mount, after the layers. */
  readonly options: string;
  readonly steps: readonly Step[];
  /** What the overlay module does without options, where that is not as the kernel has it. */
  readonly parameters?: ModuleParameters;
  /** Who mounts the overlay, where it is not root of the machine. */
  readonly mounter?: Mounter;
  /** Other directories than those of the layers; then only the mount itself is looked at. */
  readonly mount?: MountPlan;
  /** When the merged tree is looked at; after each step unless said otherwise. */
  readonly looks?: 'at the end';
}

/** Where another file system is, seen from the root of the first one. */
export function mountPointOf(fs: number): string {
  return `f${fs}`;
}

/** Where each lower layer is, seen from the root of the first file system. */
export function lowerPaths({ layers }: Pick<Scenario, 'layers'>): readonly string[] {
  return pathsOf(layers, 'lower', 'l');
}

/** Where each data-only layer is. */
export function dataPaths({ layers }: Pick<Scenario, 'layers'>): readonly string[] {
  return pathsOf(layers, 'data', 'd');
}

/** Lower layers as a mount string names them: `::` is before each that has nothing but data. */
export function lowerString(lowers: readonly string[], data: readonly string[]): string {
  return [lowers.join(':'), ...data].join('::');
}

function pathsOf(
  layers: readonly LayerSpec[],
  wanted: LayerSpec['role'],
  letter: string,
): readonly string[] {
  return layers
    .filter(({ role }) => role === wanted)
    .map(({ on = 0 }, index) => (on === 0 ? '' : `${mountPointOf(on)}/`) + letter + String(index));
}

/** What is looked at last: the same view after a cache drop and after a remount. */
const EPILOGUE: readonly Step[] = [
  { op: 'dropCaches', args: {} },
  { op: 'remount', args: {} },
];

/**
 * Whether the merged tree is looked at after a step. Looking heals: it looks names up again and
 * fills caches, so that what a step broke may be whole before anything else comes to it.
 */
export function isLookedAt({ looks, steps }: Scenario, index: number): boolean {
  return looks === undefined || index >= steps.length - EPILOGUE.length;
}

export function withEpilogue(scenario: Scenario): Scenario {
  return { ...scenario, steps: [...scenario.steps, ...EPILOGUE] };
}
