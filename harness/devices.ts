import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { buildLayers } from '../model/build.ts';
import { ERRNO } from '../model/errno.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { AT_FDCWD, deviceNumber, MODE_TYPES, OPEN_FLAGS } from './constants.ts';
import { HarnessError } from './errors.ts';
import { imageOf } from './images/index.ts';
import type { ImageCache } from './images/empty.ts';
import type { Image } from './images/image.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { LIMIT } from './protocol/protocol.ts';
import { ResultsReader } from './protocol/results.ts';

/** A block device in the guest with the file system that a scenario starts with. */
export interface Device {
  readonly path: string;
  /** Where the executor keeps it open. */
  readonly slot: number;
  readonly image: Image;
}

/** By the file systems of a scenario; undefined where one needs no device. */
export type Devices = readonly (Device | undefined)[];

const FOLDER = '/d';
const CONTROL = `${FOLDER}/loop-control`;
const CONTROL_MAJOR = 10;
const CONTROL_MINOR = 237;
const LOOP_MAJOR = 7;
const { O_RDWR, O_CREAT } = OPEN_FLAGS;
const TRIES = 20;
/** Room for the largest file system; what nobody wrote takes no memory. */
export const DEVICE_BYTES = 512 * 1024 * 1024;

const IOCTL = { configure: 0x4c0a, getFree: 0x4c82 } as const;
/** struct loop_config: the file, and of all flags the one to be freed when nobody has it open. */
const CONFIG_BYTES = 304;
const FLAGS_AT = 60;
const AUTOCLEAR = 4;
/** It stands in a structure, so it has to be known before the file is open. */
const FILE_FD = 200;

/** Modules without which a kernel cannot mount some file systems. */
export function modulesFor(bases: readonly BaseType[]): readonly string[] {
  const onDevices = bases.filter((type) => BASE_PROFILES[type].isOnDevice);
  return onDevices.length === 0 ? [] : ['loop', ...new Set(onDevices)];
}

export function needsDevices({ base, otherBases = [] }: Scenario): boolean {
  return [base, ...otherBases].some((type) => BASE_PROFILES[type].isOnDevice);
}

/** Loop devices over files in memory. They are ours until the executor ends. */
export class LoopDevices {
  readonly #execute: (program: Buffer) => Promise<Buffer>;
  readonly #semantics: Semantics;
  readonly #images: ImageCache = new Map();
  readonly #attached: (Promise<void> | undefined)[] = [];
  #folder: Promise<void> | null = null;

  constructor(execute: (program: Buffer) => Promise<Buffer>, semantics: Semantics) {
    this.#execute = execute;
    this.#semantics = semantics;
  }

  /** What a scenario needs; attached when it is needed first. */
  async for(scenario: Scenario): Promise<Devices> {
    const hasJournal = scenario.steps.some(({ op }) => op === 'crash');
    const { all } = buildLayers(scenario, this.#semantics);
    return Promise.all(
      all.map(async (fs, index) => {
        if (!BASE_PROFILES[fs.base].isOnDevice) return undefined;
        const image = await imageOf(fs, { own: this.#images, hasJournal });
        const device = { path: `${FOLDER}/${index}`, slot: LIMIT.lastingSlotsFrom + index, image };
        await (this.#attached[index] ??= this.#attach(device));
        return device;
      }),
    );
  }

  async #attach({ path, slot }: Device): Promise<void> {
    await (this.#folder ??= this.#makeFolder());
    // Somebody else may take the one that is free.
    for (let tries = 0; tries < TRIES; tries++) {
      const [, free = -1] = await this.#run((program) => {
        program.call('openat', [AT_FDCWD, { input: `${CONTROL}\0` }, O_RDWR, 0], 0);
        program.call('ioctl', [{ slot: 0 }, IOCTL.getFree, 0]);
      });
      if (free < 0)
        throw new HarnessError('unavailable', 'no loop device to be had: modprobe loop');
      const config = Buffer.alloc(CONFIG_BYTES);
      config.writeUInt32LE(FILE_FD);
      config.writeUInt32LE(AUTOCLEAR, FLAGS_AT);
      const number = deviceNumber({ major: LOOP_MAJOR, minor: free });
      const file = { input: `${path}.img\0` };
      const results = await this.#run((program) => {
        program.call('unlinkat', [AT_FDCWD, { input: `${path}\0` }, 0]);
        program.call('mknodat', [AT_FDCWD, { input: `${path}\0` }, MODE_TYPES.blk | 0o600, number]);
        program.call('openat', [AT_FDCWD, file, O_RDWR | O_CREAT, 0o600], 0);
        program.call('ftruncate', [{ slot: 0 }, DEVICE_BYTES]);
        program.call('dup3', [{ slot: 0 }, FILE_FD, 0], 1);
        program.call('openat', [AT_FDCWD, { input: `${path}\0` }, O_RDWR, 0], slot);
        // At once: another call might be about a device that somebody else has by then.
        program.call('ioctl', [{ slot }, IOCTL.configure, { inout: config }]);
      });
      if (results.slice(1).every((value) => value >= 0)) return;
      await this.#run((program) => {
        program.close(slot);
      });
      if (results.at(-1) !== -ERRNO.EBUSY) break;
    }
    throw new HarnessError('trouble', 'cannot attach a loop device');
  }

  /** Device nodes work in no other folder of the executor's. */
  async #makeFolder(): Promise<void> {
    const tmpfs = { input: 'tmpfs\0' };
    const number = deviceNumber({ major: CONTROL_MAJOR, minor: CONTROL_MINOR });
    await this.#run((program) => {
      program.call('mkdirat', [AT_FDCWD, { input: `${FOLDER}\0` }, 0o700]);
      program.call('mount', [tmpfs, { input: `${FOLDER}\0` }, tmpfs, 0, { input: 'mode=700\0' }]);
      program.call('mknodat', [AT_FDCWD, { input: `${CONTROL}\0` }, MODE_TYPES.chr, number]);
    });
  }

  async #run(build: (program: ProgramBuilder) => void): Promise<readonly number[]> {
    const program = new ProgramBuilder();
    build(program);
    const count = program.instructions;
    const reader = new ResultsReader(await this.#execute(program.finish()));
    return Array.from({ length: count }, () => reader.call().value);
  }
}
