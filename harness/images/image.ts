import type { BaseType } from '../../model/bases.ts';
import { trimZeros } from '../../model/zeros.ts';

/** A file system on a device, as the bytes that are not zero. */
export interface Image {
  readonly type: BaseType;
  readonly pieces: readonly Piece[];
}

/** One character for each byte. */
export interface Piece {
  readonly at: number;
  readonly data: string;
}

/** The uuid of the file system on a device; those of a scenario are told apart by it. */
export function uuidOf(device: number): string {
  return `00000000-0000-4000-8000-${String(device + 1).padStart(12, '0')}`;
}

const PIECE_BYTES = 4096;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** What is not zero of a part of an image, which begins on a piece of its own. */
export function piecesOf(content: Buffer, from = 0): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const piece = content.subarray(at, at + PIECE_BYTES);
    if (piece.equals(ZEROS)) continue;
    const data = trimZeros(piece.toString('latin1'));
    if (data !== '') pieces.push({ at: from + at, data });
  }
  return pieces;
}
