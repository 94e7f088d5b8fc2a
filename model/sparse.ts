import type { Piece } from './scenario.ts';
import { isZeros } from './zeros.ts';

/** More zeros in a row are not kept. */
const HOLE_BYTES = 65_536;

/**
 * What is in a file, one character for each byte, at a cost of what is not zero. It never changes.
 * One that is short is a single piece, so that it costs no more than a string does.
 */
export class Content {
  static readonly EMPTY: Content = new Content([], 0);

  readonly length: number;
  /** What lies between, before and behind these pieces, which are in order, is zeros. */
  readonly pieces: readonly Piece[];

  private constructor(pieces: readonly Piece[], length: number) {
    this.pieces = pieces;
    this.length = length;
  }

  static of(text: string): Content {
    return text === '' ? Content.EMPTY : new Content([{ at: 0, text }], text.length);
  }

  /** Of pieces in order, which fill zeros up to the length. */
  static from(pieces: Iterable<Piece>, length: number): Content {
    const kept: { at: number; text: string }[] = [];
    let last = { at: 0, text: '' };
    for (const { at, text } of pieces) {
      const end = last.at + last.text.length;
      if (at - end <= HOLE_BYTES) {
        last.text = last.text.padEnd(at - last.at, '\0') + text;
        continue;
      }
      if (last.text !== '') kept.push(last);
      last = { at, text };
    }
    if (length - last.at - last.text.length <= HOLE_BYTES) {
      last.text = last.text.padEnd(length - last.at, '\0');
    }
    if (last.text !== '') kept.push(last);
    return new Content(kept, length);
  }

  /** The bytes of a range, as far as there are any. */
  bytes(from = 0, to = this.length): string {
    const end = Math.min(to, this.length);
    let bytes = '';
    for (const { at, text } of this.#within(from, end)) {
      bytes = bytes.padEnd(at - from, '\0') + text;
    }
    return bytes.padEnd(end - from, '\0');
  }

  slice(from: number, to = this.length): Content {
    const end = Math.min(to, this.length);
    if (from >= end) return Content.EMPTY;
    const pieces = this.#within(from, end).map(({ at, text }) => ({ at: at - from, text }));
    return Content.from(pieces, end - from);
  }

  concat(...parts: readonly (Content | string)[]): Content {
    const pieces = [...this.pieces];
    let { length } = this;
    for (const part of parts) {
      if (typeof part === 'string') pieces.push({ at: length, text: part });
      else for (const { at, text } of part.pieces) pieces.push({ at: length + at, text });
      length += part.length;
    }
    return Content.from(pieces, length);
  }

  padEnd(length: number): Content {
    return length <= this.length ? this : Content.from(this.pieces, length);
  }

  /** Without the zeros at the end. */
  trimZeros(): Content {
    const last = this.pieces.findLast(({ text }) => !isZeros(text));
    if (last === undefined) return Content.EMPTY;
    let length = last.at + last.text.length;
    while (last.text.charCodeAt(length - last.at - 1) === 0) length -= 1;
    return this.slice(0, length);
  }

  equals(other: Content): boolean {
    if (this === other) return true;
    if (this.length !== other.length) return false;
    const [mine, theirs] = [this.pieces, other.pieces];
    if (this.length <= HOLE_BYTES) return mine[0]?.text === theirs[0]?.text;
    const ends = [...mine, ...theirs].flatMap(({ at, text }) => [at, at + text.length]);
    const sorted = ends.toSorted((a, b) => a - b);
    return sorted.every((end, index) => {
      const from = sorted[index - 1] ?? 0;
      const [a, b] = [this.#textAt(from, end), other.#textAt(from, end)];
      if (a === null || b === null) return isZeros(a ?? b ?? '');
      return a === b;
    });
  }

  /** Of a range that no piece begins or ends in; null where it is a hole. */
  #textAt(from: number, to: number): string | null {
    const piece = this.pieces.find(({ at, text }) => at <= from && to <= at + text.length);
    return piece?.text.slice(from - piece.at, to - piece.at) ?? null;
  }

  #within(from: number, to: number): readonly Piece[] {
    return this.pieces.flatMap(({ at, text }) => {
      const [start, end] = [Math.max(at, from), Math.min(at + text.length, to)];
      return start < end ? [{ at: start, text: text.slice(start - at, end - at) }] : [];
    });
  }
}
