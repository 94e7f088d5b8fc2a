import type { Piece } from './scenario.ts';

/**
 * A program that a kernel loads, and that nobody lets run: its header, and far behind where writes
 * of scenarios go, the table that says to map the first page. Written by hand for x86-64.
 */

const TABLE_AT = 2000;
const HEADER_BYTES = 64;
const TABLE_BYTES = 56;
const ADDRESS = 0x40_0000;

const HEADER = bytesOf(HEADER_BYTES, [
  [0, 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1],
  [16, 2, 0, 62, 0, 1],
  [24, ...le(ADDRESS)],
  [32, ...le(TABLE_AT)],
  [52, HEADER_BYTES, 0, TABLE_BYTES, 0, 1],
]);
const TABLE = bytesOf(TABLE_BYTES, [
  [0, 1],
  [4, 5],
  [16, ...le(ADDRESS)],
  [24, ...le(ADDRESS)],
  [32, HEADER_BYTES],
  [40, HEADER_BYTES],
  [48, ...le(0x1000)],
]);

export const PROGRAM: readonly Piece[] = [
  { at: 0, text: HEADER },
  { at: TABLE_AT, text: TABLE },
];

export const PROGRAM_BYTES = TABLE_AT + TABLE_BYTES;

/** Where the kernel looks at the header: which it is, of what machine, and where the table is. */
const LOOKED_AT = [
  [0, 4],
  [16, 20],
  [32, 40],
  [54, 58],
] as const;

export function isProgram(content: string): boolean {
  const table = content.slice(TABLE_AT, TABLE_AT + TABLE_BYTES);
  return (
    table === TABLE &&
    LOOKED_AT.every(([from, to]) => content.slice(from, to) === HEADER.slice(from, to))
  );
}

/** It says that it is a program. */
export function hasMagic(content: string): boolean {
  return content.startsWith(HEADER.slice(0, 4));
}

function bytesOf(size: number, parts: readonly (readonly number[])[]): string {
  const bytes = new Array<number>(size).fill(0);
  for (const [at = 0, ...values] of parts) bytes.splice(at, values.length, ...values);
  return String.fromCharCode(...bytes);
}

function le(value: number): readonly number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255];
}
