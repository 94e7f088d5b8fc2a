import { BASE_PROFILES } from '../model/bases.ts';
import type { BaseType } from '../model/bases.ts';
import { buildLayers } from '../model/build.ts';
import { ERRNO } from '../model/errno.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { AT_FDCWD, deviceNumber, MODE_TYPES, OPEN_FLAGS } from './constants.ts';
import { createdDevice, DM_CONTROL, DM_IOCTL, nameOfDevice } from './device-mapper.ts';
import { HarnessError } from './errors.ts';
import { failingParts, switchTable } from './failing-device.ts';
import type { Failing } from './failing-device.ts';
import { imageOf } from './images/index.ts';
import type { ImageCache } from './images/empty.ts';
import type { Image } from './images/image.ts';
import { NFS_MODULES } from './nfs-recipes.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { LIMIT } from './protocol/protocol.ts';
import { ResultsReader } from './protocol/results.ts';
import type { CallResult } from './protocol/results.ts';

/** A block device in the guest with the file system that a scenario starts with. */
export interface Device {
  readonly path: string;
  /** Where the executor keeps it open. */
  readonly slot: number;
  readonly image: Image;
  /** Only where a scenario makes it fail. */
  readonly failing?: Failing;
}

/** What a machine is to be able to do. */
export interface Needs {
  /** File systems under the layers, for those of which a kernel may need modules. */
  readonly bases?: readonly BaseType[];
  /** Devices under them are to fail. */
  readonly failing?: boolean;
  /** It is to have an NFS server, and a client. */
  readonly nfs?: boolean;
}

/** By the file systems of a scenario; undefined where one needs no device. */
export type Devices = readonly (Device | undefined)[];

const FOLDER = '/d';
const CONTROL = `${FOLDER}/loop-control`;
const CONTROL_MAJOR = 10;
const CONTROL_MINOR = 237;
const LOOP_MAJOR = 7;
const CHAR_NODE = MODE_TYPES.chr | 0o600;
/** The one device that can fail, what it shows, and what it is told by; each stays open. */
const FAILING = {
  path: `${FOLDER}/failing`,
  slot: LIMIT.lastingSlotsFrom + 12,
  name: 'ovlcheck',
  below: `${FOLDER}/below`,
  belowSlot: LIMIT.lastingSlotsFrom + 13,
  control: `${FOLDER}/control`,
  controlSlot: LIMIT.lastingSlotsFrom + 14,
} as const;
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

/** Modules without which a kernel cannot mount some file systems, let them fail, or serve them. */
export function modulesFor({ bases = [], failing, nfs }: Needs): readonly string[] {
  const server = nfs === true ? NFS_MODULES : [];
  const onDevices = bases.filter((type) => BASE_PROFILES[type].isOnDevice);
  if (onDevices.length === 0) return server;
  return ['loop', ...new Set(onDevices), ...(failing === true ? ['dm_flakey'] : []), ...server];
}

export function needsDevices({ base, otherBases = [] }: Scenario): boolean {
  return [base, ...otherBases].some((type) => BASE_PROFILES[type].isOnDevice);
}

export function makesFail({ steps }: Pick<Scenario, 'steps'>): boolean {
  return steps.some(({ op }) => op === 'failDevice');
}

/** The device-mapper is the whole machine's, and what fails has to be on a device. */
export function refuseToFail({ base, steps }: Scenario, isOurs: boolean): void {
  if (!makesFail({ steps })) return;
  if (base !== 'ext4' && base !== 'xfs') {
    throw new HarnessError('bad-input', `a device fails under ext4 or xfs, not under ${base}`);
  }
  if (isOurs) return;
  const why = 'devices fail in a VM of our own only';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}

/** Loop devices over files in memory. They are ours until the executor ends. */
export class LoopDevices {
  readonly #execute: (program: Buffer) => Promise<Buffer>;
  readonly #semantics: Semantics;
  readonly #images: ImageCache = new Map();
  readonly #attached: (Promise<number> | undefined)[] = [];
  #failing: Promise<Omit<Failing, 'parts'>> | null = null;
  #folder: Promise<void> | null = null;

  constructor(execute: (program: Buffer) => Promise<Buffer>, semantics: Semantics) {
    this.#execute = execute;
    this.#semantics = semantics;
  }

  /** What a scenario needs; attached when it is needed first. */
  async for(scenario: Scenario): Promise<Devices> {
    const hasJournal = scenario.steps.some(({ op }) => op === 'crash');
    const mayFail = makesFail(scenario);
    // A mount maps what is on the disk.
    const layers = scenario.layers.map(({ mapped: _, ...layer }) => layer);
    const { all } = buildLayers({ ...scenario, layers }, this.#semantics);
    return Promise.all(
      all.map(async (fs, index) => {
        if (!BASE_PROFILES[fs.base].isOnDevice) return undefined;
        const image = await imageOf(fs, { own: this.#images, hasJournal });
        if (mayFail && index === 0) return this.#failingDevice(image);
        const device = { path: `${FOLDER}/${index}`, slot: LIMIT.lastingSlotsFrom + index, image };
        await (this.#attached[index] ??= this.#attach(device));
        return device;
      }),
    );
  }

  /** The same behind a table that can be changed. */
  async #failingDevice(image: Image): Promise<Device> {
    this.#failing ??= this.#makeFailing(image);
    const parts = failingParts(image, DEVICE_BYTES);
    const failing = { ...(await this.#failing), parts };
    return { path: FAILING.path, slot: FAILING.slot, image, failing };
  }

  async #makeFailing(image: Image): Promise<Omit<Failing, 'parts'>> {
    const { path, slot, name, control, controlSlot, below, belowSlot } = FAILING;
    const minor = await this.#attach({ path: below, slot: belowSlot, image });
    const made = await this.#read((program) => {
      const number = deviceNumber(DM_CONTROL);
      program.call('mknodat', [AT_FDCWD, { input: `${control}\0` }, CHAR_NODE, number]);
      program.call('openat', [AT_FDCWD, { input: `${control}\0` }, O_RDWR, 0], controlSlot);
      const device = { inout: nameOfDevice(name) };
      program.call('ioctl', [{ slot: controlSlot }, DM_IOCTL.create, device]);
    });
    const { value = -1, outputs = [] } = made.at(-1) ?? {};
    if (value < 0) {
      throw new HarnessError(
        'unfit-kernel',
        'a device that fails needs dm_flakey (CONFIG_DM_FLAKEY)',
      );
    }
    const failing = { controlSlot, name, below: `${LOOP_MAJOR}:${minor}` };
    const number = deviceNumber(createdDevice(outputs[0] ?? Buffer.alloc(0)));
    const results = await this.#run((program) => {
      const node = { input: `${path}\0` };
      const parts = [{ bytes: DEVICE_BYTES, fails: false }];
      switchTable(program, { path, slot, image, failing: { ...failing, parts } }, false);
      program.call('mknodat', [AT_FDCWD, node, MODE_TYPES.blk | 0o600, number]);
      program.call('openat', [AT_FDCWD, node, O_RDWR, 0], slot);
    });
    if (results.some((result) => result < 0)) {
      throw new HarnessError('trouble', 'cannot make a device that fails');
    }
    return failing;
  }

  /** The number of the loop device. */
  async #attach({ path, slot }: Device): Promise<number> {
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
      if (results.slice(1).every((value) => value >= 0)) return free;
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
      program.call('mknodat', [AT_FDCWD, { input: `${CONTROL}\0` }, CHAR_NODE, number]);
    });
  }

  async #run(build: (program: ProgramBuilder) => void): Promise<readonly number[]> {
    return (await this.#read(build)).map(({ value }) => value);
  }

  async #read(build: (program: ProgramBuilder) => void): Promise<readonly CallResult[]> {
    const program = new ProgramBuilder();
    build(program);
    const count = program.instructions;
    const reader = new ResultsReader(await this.#execute(program.finish()));
    return Array.from({ length: count }, () => reader.call());
  }
}
