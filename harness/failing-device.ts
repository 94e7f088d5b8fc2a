import { BASE_PROFILES } from '../model/bases.ts';
import { DM_IOCTL, nameOfDevice, tableOf } from './device-mapper.ts';
import type { Part } from './device-mapper.ts';
import type { Device } from './devices.ts';
import { HarnessError } from './errors.ts';
import type { Image } from './images/image.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** How a device is made to fail. */
export interface Failing {
  readonly controlSlot: number;
  readonly name: string;
  /** The device that it shows. */
  readonly below: string;
  readonly parts: readonly Part[];
}

/** Instructions of a change: the table is loaded, and takes the place of the other. */
export function switchTable(program: ProgramBuilder, { failing }: Device, fails: boolean): void {
  if (failing === undefined) throw new HarnessError('bad-input', 'no device that can fail');
  const { controlSlot, name, below, parts } = failing;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const table = tableOf(name, below, fails ? parts : [{ bytes, fails: false }]);
  const control = { slot: controlSlot };
  program.call('ioctl', [control, DM_IOCTL.load, { inout: table }]);
  program.call('ioctl', [control, DM_IOCTL.suspend, { inout: nameOfDevice(name) }]);
}

const BLOCK_BYTES = 4096;
/** Where in the group descriptor, which is in the second block, tables are told. */
const GROUP_AT = { blockBitmap: 0, inodeBitmap: 4, inodeTable: 8 } as const;
/** Of the super block, which is in the first one. */
const SUPER_AT = { inodes: 1024, inodeBytes: 1024 + 88 } as const;

/**
 * All of a device but the tables of an ext4 of one group: there is data, and there are names. xfs
 * has its tables anywhere.
 */
export function failingParts({ type, pieces }: Image, bytes: number): readonly Part[] {
  if (!BASE_PROFILES[type].isOnDevice || type !== 'ext4') return [{ bytes, fails: true }];
  const head = Buffer.alloc(2 * BLOCK_BYTES);
  for (const { at, data } of pieces) if (at < head.length) head.write(data, at, 'latin1');
  const inTable = head.readUInt32LE(SUPER_AT.inodes) * head.readUInt16LE(SUPER_AT.inodeBytes);
  const tables = [
    { from: 0, blocks: 2 },
    { from: group(head, GROUP_AT.blockBitmap), blocks: 1 },
    { from: group(head, GROUP_AT.inodeBitmap), blocks: 1 },
    { from: group(head, GROUP_AT.inodeTable), blocks: Math.ceil(inTable / BLOCK_BYTES) },
  ];
  const parts: Part[] = [];
  let at = 0;
  for (const { from, blocks } of tables.toSorted((a, b) => a.from - b.from)) {
    if (from > at) parts.push({ bytes: (from - at) * BLOCK_BYTES, fails: true });
    parts.push({ bytes: blocks * BLOCK_BYTES, fails: false });
    at = from + blocks;
  }
  return [...parts, { bytes: bytes - at * BLOCK_BYTES, fails: true }];
}

function group(head: Buffer, field: number): number {
  return head.readUInt32LE(BLOCK_BYTES + field);
}
