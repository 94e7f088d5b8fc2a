import { gridText } from '../report/grid.ts';
import type { CellPlace } from './matrix-cell.ts';
import { kindText } from './matrix-suites.ts';
import type { MountKind } from './matrix-suites.ts';

const REDRAW_EVERY_MS = 300;
const LABEL_COLUMNS_MAX = 80;
const WAITING = '.';

/** What stands in each cell, by kernel and row; on a terminal it is drawn again and again. */
export class MatrixTable {
  readonly #kernels: readonly string[];
  readonly #kinds: readonly MountKind[];
  readonly #texts = new Map<string, string>();
  readonly #isLive: boolean;
  readonly #isSilent: boolean;
  #drawnLines = 0;
  #drawnMs = -Infinity;

  constructor(
    kernels: readonly string[],
    kinds: readonly MountKind[],
    { isSilent }: { readonly isSilent: boolean },
  ) {
    this.#kernels = kernels;
    this.#kinds = kinds;
    this.#isSilent = isSilent;
    // A table that is higher than the screen cannot be drawn over.
    this.#isLive = process.stdout.isTTY && !isSilent && kinds.length + 3 < process.stdout.rows;
  }

  /** What a cell has come to so far. */
  running(place: CellPlace, text: string): void {
    this.#texts.set(keyOf(place.kernel, place.kind), text);
    if (this.#isLive && performance.now() - this.#drawnMs >= REDRAW_EVERY_MS) this.#draw();
  }

  /** What a cell has come to; in a pipe it is a line. */
  finished(place: CellPlace, text: string, about: string): void {
    const { kernel, kind } = place;
    this.#texts.set(keyOf(kernel, kind), text);
    if (this.#isLive) this.#draw();
    else if (!this.#isSilent) {
      process.stdout.write(`${kernel}  ${kind.base}  ${kindText(kind)}: ${text}${about}\n`);
    }
  }

  /** Makes room for what is printed after the table. */
  end(): void {
    if (this.#isLive) this.#erase();
  }

  text(): string {
    const rows = this.#kinds.map((kind) => [
      kind.base,
      shortened(kindText(kind)),
      ...this.#kernels.map((kernel) => this.#texts.get(keyOf(kernel, kind)) ?? WAITING),
    ]);
    return gridText([['base', 'options', ...this.#kernels], ...rows]);
  }

  #draw(): void {
    this.#erase();
    const text = cutTo(this.text(), process.stdout.columns);
    process.stdout.write(`${text}\n`);
    this.#drawnLines = text.split('\n').length;
    this.#drawnMs = performance.now();
  }

  #erase(): void {
    if (this.#drawnLines > 0) process.stdout.write(`\u001b[${this.#drawnLines}A\u001b[J`);
    this.#drawnLines = 0;
  }
}

function keyOf(kernel: string, kind: MountKind): string {
  return `${kernel} ${JSON.stringify(kind)}`;
}

function shortened(text: string): string {
  return text.length > LABEL_COLUMNS_MAX ? `${text.slice(0, LABEL_COLUMNS_MAX - 3)}...` : text;
}

function cutTo(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => line.slice(0, columns - 1))
    .join('\n');
}
