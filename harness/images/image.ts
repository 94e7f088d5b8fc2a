import type { BaseType } from '../../model/bases.ts';
import { trimZeros } from '../../model/zeros.ts';

/** A file system on a device, as the bytes that are not zero. */
export interface Image {
  readonly type: BaseType;
  readonly pieces: readonly Piece[];
}

/** One character for each byte. */
interface Piece {
  readonly at: number;
  readonly data: string;
}

/** The uuid of the file system on a device; those of a scenario are told apart by it. */
export function uuidOf(device: number): string {
  return `00000000-0000-4000-8000-${String(device + 1).padStart(12, '0')}`;
}

const PIECE_BYTES = 4096;

export function piecesOf(content: Buffer): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const data = trimZeros(content.toString('latin1', at, at + PIECE_BYTES));
    if (data !== '') pieces.push({ at, data });
  }
  return pieces;
}
