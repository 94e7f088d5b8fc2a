import type { BaseType } from './bases.ts';
import { PAGE_BYTES } from './flags.ts';
import type { Mapping } from './memory.ts';
import type { Context } from './ops/op.ts';
import type { Behaviour } from './semantics/semantics.ts';
import type { RealFs, RealInode } from './state.ts';

/**
 * Pages that came into memory together are one folio, and some kernels map all of it when one page
 * of it is written to for the first time.
 */
export interface Folios {
  /** Those of more than one page: how many, by the first of them. */
  readonly sizes: Map<number, number>;
  /** They may have been split, or read again page by page. */
  areDoubtful: boolean;
}

/** The pages of a folio, and whether it is one. */
export interface Folio {
  readonly pages: readonly number[];
  readonly isDoubtful: boolean;
}

/** What copy-up reads before it writes that. */
const PIPE_BYTES = 16 * PAGE_BYTES;

const WHOLE: Readonly<Record<Behaviour['mappedFolios' | 'writtenFolios'], readonly BaseType[]>> = {
  none: [],
  'of xfs': ['xfs'],
  'of disks': ['ext4', 'xfs', 'btrfs'],
};

/** Many pages of a new file were written at once, which makes folios as large as can be. */
export function noteFolios(
  { environment }: Pick<Context, 'environment'>,
  real: RealInode,
  from: number,
  to: number,
): void {
  if (!environment.largeFolios) return;
  for (let start = from; start < to; start += PIPE_BYTES) {
    const end = Math.min(start + PIPE_BYTES, to);
    for (let at = start; at < end;) {
      const page = Math.floor(at / PAGE_BYTES);
      const pages = at % PAGE_BYTES === 0 ? largestFolio(page, end - at) : 1;
      real.folios ??= { sizes: new Map(), areDoubtful: false };
      if (pages > 1) real.folios.sizes.set(page, pages);
      at = (page + pages) * PAGE_BYTES;
    }
  }
}

/** As many pages as are written, down to a power of two that the first page is a multiple of. */
function largestFolio(page: number, bytes: number): number {
  let pages = 1;
  while (pages * 2 * PAGE_BYTES <= bytes && page % (pages * 2) === 0) pages *= 2;
  return pages;
}

/** What a write fault of a page maps with it, where kernels do that. */
export function folioOf(
  { semantics }: RealFs,
  { base, folios }: RealInode,
  page: number,
): Folio | null {
  if (folios === undefined) return null;
  if (!WHOLE[semantics.behaviour.mappedFolios].includes(base)) return null;
  for (const [first, count] of folios.sizes) {
    if (page < first || page >= first + count) continue;
    const pages = Array.from({ length: count }, (_, index) => first + index);
    return { pages, isDoubtful: folios.areDoubtful };
  }
  return null;
}

/**
 * All of a folio that lies within the mapping, if nothing of it is mapped. Of one that may be split
 * any page may be mapped with another.
 */
export function mapFolio(fs: RealFs, mapping: Mapping, page: number): void {
  const { real, touched, doubtful, present, firstPage } = mapping;
  const end = firstPage + mapping.pages;
  const folio = folioOf(fs, real, page);
  const isWithin = (at: number): boolean => at >= firstPage && at < end;
  const isWhole = folio?.pages.every((at) => isWithin(at) && !present.has(at));
  present.add(page);
  fillHoles(fs, real, page);
  if (folio === null || (isWhole !== true && !folio.isDoubtful)) return;
  for (const near of folio.pages) {
    if (near === page || touched.has(near) || !isWithin(near)) continue;
    touched.add(near);
    present.add(near);
    if (folio.isDoubtful) doubtful.add(near);
  }
}

/** A hole that was made in a folio may be filled with the rest of it. */
function fillHoles(fs: RealFs, real: RealInode, page: number): void {
  const folio = folioOf(fs, real, page);
  const { content, pages } = real;
  const isHole = (at: number): boolean => at * PAGE_BYTES < content.length && !pages.has(at);
  if (folio?.pages.some(isHole) === true) real.hasReserved = true;
}

/** Pages that go to the disk with those that are to: all of a folio is written at once. */
export function writtenAlong(
  { semantics }: RealFs,
  { base, folios }: RealInode,
  isMeant: (page: number) => boolean,
): readonly number[] {
  if (folios === undefined || !WHOLE[semantics.behaviour.writtenFolios].includes(base)) return [];
  return [...folios.sizes].flatMap(([first, count]) => {
    const pages = Array.from({ length: count }, (_, index) => first + index);
    return pages.some(isMeant) ? pages.filter((page) => !isMeant(page)) : [];
  });
}

/** What is behind a new end leaves the memory. */
export function cutFolios(real: RealInode, size: number): void {
  const { folios } = real;
  if (folios === undefined) return;
  for (const first of folios.sizes.keys()) {
    if (first * PAGE_BYTES >= size) folios.sizes.delete(first);
  }
  if (folios.sizes.size === 0) delete real.folios;
}

/** What takes a part of a folio away may split it, and then the rest is mapped anew. */
export function loosenFolios(fs: RealFs, real: RealInode, mappings: readonly Mapping[]): void {
  if (real.folios === undefined) return;
  real.folios.areDoubtful = true;
  for (const { touched, doubtful } of mappings) {
    for (const page of touched) if (folioOf(fs, real, page) !== null) doubtful.add(page);
  }
}
