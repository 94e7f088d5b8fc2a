import { profileOf } from './bases.ts';
import { setContent, writeShared } from './content.ts';
import { dirty, isInRange, writeOut } from './faults.ts';
import type { FileErrors } from './faults.ts';
import { isGuarded } from './file-flags.ts';
import { folioOf, loosenFolios, mapFolio } from './folios.ts';
import { perhapsTouchMtime, touchMtime } from './layer.ts';
import { PAGE_BYTES } from './flags.ts';
import { noteReading } from './last-look.ts';
import type { Context } from './ops/op.ts';
import { hasRoomFor } from './room.ts';
import type { OvlDentry, OvlInode, RealFs, RealInode, World } from './state.ts';

/**
 * Memory that maps a file. It maps the real file of open time, whatever is copied up later, and the
 * kernel notices a page when it is first touched: that allocates holes, and stamps the first write.
 */

/** Memory that a file is mapped to. */
export interface Mapping {
  /** Kept from being evicted, as by an open file; null where none is. */
  readonly dentry: OvlDentry | null;
  readonly inode: OvlInode;
  readonly real: RealInode;
  /** What its file was told, which stays open with the mapping. */
  readonly errors?: FileErrors;
  readonly isShared: boolean;
  /** The file it was mapped from can be written to. */
  readonly isOfWriter: boolean;
  readonly canRead: boolean;
  /** Whether a read may bring in a page that no write has brought in. */
  readonly canFaultToRead: boolean;
  readonly canWrite: boolean;
  readonly firstPage: number;
  readonly pages: number;
  /** Pages of the file that were touched and can be written now without the kernel noticing. */
  readonly touched: Set<number>;
  /** Those of them of which that is not known any more. */
  readonly doubtful: Set<number>;
  /** Pages of the file that are mapped, whether they can be written or not. */
  readonly present: Set<number>;
  /** Pages of a private mapping that were written. */
  readonly copies: Map<number, string>;
}

/** The bytes from an offset of the mapping on, as many as there are before it faults. */
export function readMapping(fs: RealFs, mapping: Mapping, offset: number, size: number): string {
  let bytes = '';
  for (const { page, from, to } of piecesOf(mapping, offset, size)) {
    if (!mapping.canRead || !faultToRead(fs, mapping, page)) break;
    bytes += (mapping.copies.get(page) ?? pageOf(mapping.real, page)).slice(from, to);
  }
  if (bytes !== '') noteReading(mapping.real);
  return bytes;
}

/** Stores bytes and says how many it took before it faulted. */
export function writeMapping(fs: RealFs, mapping: Mapping, offset: number, bytes: string): number {
  if (bytes !== '') noteReading(mapping.real);
  let done = 0;
  for (const { page, from, to } of piecesOf(mapping, offset, bytes.length)) {
    if (!mapping.canWrite || !hasPage(mapping.real, page)) break;
    if (mapping.isShared && isGuarded(mapping.real)) break;
    const piece = bytes.slice(done, done + to - from);
    if (!(mapping.isShared ? faultToWrite : copyPage)(fs, mapping, page)) break;
    const old = mapping.copies.get(page) ?? pageOf(mapping.real, page);
    const stored = old.slice(0, from) + piece + old.slice(to);
    if (mapping.isShared) storePage(mapping.real, page, stored);
    else mapping.copies.set(page, stored);
    done += piece.length;
  }
  return done;
}

/** The file shrank: what is mapped behind its end goes, private copies too. */
export function unmapBehind(world: World, real: RealInode, size: number): void {
  const first = Math.ceil(size / PAGE_BYTES);
  loosenFolios(world.fs, real, mappingsOf(world, real));
  for (const mapping of mappingsOf(world, real)) {
    for (const pages of [mapping.touched, mapping.present]) {
      for (const page of pages) if (page >= first) pages.delete(page);
    }
    for (const page of mapping.copies.keys()) if (page >= first) mapping.copies.delete(page);
  }
}

/** A new size may have pages written back that stay mapped. */
export function resizeMapped(world: World, real: RealInode, size: number): void {
  const { noticesAgain } = profileOf(real);
  const isCut = size < real.content.length && size % PAGE_BYTES !== 0;
  for (const { touched, doubtful } of mappingsOf(world, real)) {
    if (noticesAgain === 'or cut' && isCut) touched.delete(Math.floor(size / PAGE_BYTES));
    if (noticesAgain === 'or perhaps resized') for (const page of touched) doubtful.add(page);
  }
}

/** Some releases write back a range that they then refuse to move. */
export function perhapsWriteBack(world: World, real: RealInode, from: number, to: number): void {
  if (!profileOf(real).flushesFor(world.fs.semantics).includes('block before')) return;
  const isMeantPage = isInRange(from, to - from);
  for (const { touched, doubtful } of mappingsOf(world, real)) {
    for (const page of touched) if (isMeantPage(page)) doubtful.add(page);
  }
}

/** Whether what was written next to a range, or is cached with it, may go to the disk with it. */
function writesAround({ semantics }: RealFs, real: RealInode): boolean {
  return !profileOf(real).syncsRanges || profileOf(real).fillsAround(semantics) > 1;
}

/** Pages that lie wholly in a punched hole are mapped anew when they are next touched. */
export function unmapHole(world: World, real: RealInode, from: number, to: number): void {
  const first = Math.ceil(from / PAGE_BYTES);
  // The last page of a hole within the first is -1, and with that the last that there can be.
  const isEndless = to < PAGE_BYTES && profileOf(real).unmapsToEnd(world.fs.semantics);
  const end = isEndless ? Infinity : Math.floor(to / PAGE_BYTES);
  loosenFolios(world.fs, real, mappingsOf(world, real));
  for (const { touched, present } of mappingsOf(world, real)) {
    for (const pages of [touched, present]) {
      for (const page of pages) if (page >= first && page < end) pages.delete(page);
    }
  }
}

/** What was written goes to the disk: the next write to memory is a first one again. */
export function writeBack(
  world: World,
  isMeant: (real: RealInode) => boolean,
  isMeantPage: (page: number) => boolean = () => true,
): void {
  writeOut(world, isMeant, isMeantPage);
  for (const mapping of world.maps) {
    if (mapping == null || !isMeant(mapping.real)) continue;
    if (!noticesWrites(mapping.real)) continue;
    for (const page of mapping.touched) {
      const folio = isMeantPage(page) ? null : folioOf(world.fs, mapping.real, page);
      const isWithIt = folio?.pages.some(isMeantPage) === true;
      if (isMeantPage(page) || (isWithIt && !folio.isDoubtful)) {
        mapping.touched.delete(page);
        mapping.doubtful.delete(page);
      } else if (isWithIt || writesAround(world.fs, mapping.real)) {
        mapping.doubtful.add(page);
      }
    }
  }
  if (!noticesWrites(world.fs)) return;
  // What is behind the end does not go along, and is zeros when it does.
  for (const real of world.fs.byIno.values()) {
    if (real.tail === '' || !isMeant(real)) continue;
    if (isMeantPage(Math.floor(real.content.length / PAGE_BYTES))) real.tail = '';
  }
}

function mappingsOf(world: World, real: RealInode): readonly Mapping[] {
  return world.maps.filter((mapping) => mapping?.real === real) as readonly Mapping[];
}

interface PagePiece {
  /** Of the file. */
  readonly page: number;
  readonly from: number;
  readonly to: number;
}

/** A range of the mapping, page by page, as far as anything is mapped. */
function* piecesOf(mapping: Mapping, offset: number, size: number): Generator<PagePiece> {
  if (offset < 0) return;
  const end = Math.min(offset + size, mapping.pages * PAGE_BYTES);
  for (let at = offset; at < end;) {
    const page = Math.floor(at / PAGE_BYTES);
    const from = at % PAGE_BYTES;
    const to = Math.min(PAGE_BYTES, from + end - at);
    yield { page: mapping.firstPage + page, from, to };
    at += to - from;
  }
}

function noticesWrites(real: Pick<RealInode, 'base'>): boolean {
  return profileOf(real).noticesAgain !== 'none';
}

function hasPage(real: RealInode, page: number): boolean {
  return page * PAGE_BYTES < real.content.length;
}

/**
 * A read fault maps all pages around that are in the cache already, with the right to write, and
 * then fails if there is no such page.
 */
function faultToRead(fs: RealFs, mapping: Mapping, page: number): boolean {
  const { real, touched, copies, firstPage, pages } = mapping;
  if (touched.has(page) || copies.has(page)) return true;
  if (!mapping.canFaultToRead) return false;
  const isNoticed = noticesWrites(real);
  for (const near of isNoticed ? [] : real.pages) {
    const isMapped = near >= firstPage && near < firstPage + pages && hasPage(real, near);
    if (isMapped && !real.unwritten.has(near)) touched.add(near);
  }
  if (!hasPage(real, page)) return false;
  if (profileOf(real).fillsMappedHoles && !allocatePage(fs, real, page)) return false;
  if (!isNoticed) touched.add(page);
  for (let near = firstPage; near < firstPage + pages; near++) {
    if (hasPage(real, near)) mapping.present.add(near);
  }
  return true;
}

/** Whether there is room for the page, if it is a hole. */
function faultToWrite(fs: RealFs, mapping: Mapping, page: number): boolean {
  const { real, touched, doubtful } = mapping;
  const isDoubtful = doubtful.delete(page);
  if (touched.has(page)) {
    if (!isDoubtful) return true;
    perhapsTouchMtime(fs, real);
    mapFolio(fs, mapping, page);
    return true;
  }
  if (!allocatePage(fs, real, page)) return false;
  mapFolio(fs, mapping, page);
  touched.add(page);
  touchMtime(fs, real);
  return true;
}

/** The first write to a page of a private mapping copies it as it is then. */
function copyPage(fs: RealFs, { real, copies }: Mapping, page: number): boolean {
  if (copies.has(page)) return true;
  if (profileOf(real).fillsMappedHoles && !allocatePage(fs, real, page)) return false;
  copies.set(page, pageOf(real, page));
  return true;
}

/**
 * What the kernel reads for itself gets a page that is not lent by the file system as zeros. Says
 * how far there was room for that.
 */
export function readBySplicing(
  { semantics, rule, world }: Pick<Context, 'semantics' | 'rule' | 'world'>,
  real: RealInode,
  from: number,
  to: number,
): number {
  if (from < to) noteReading(real);
  if (!profileOf(real).fillsSplicedHoles(semantics)) return to;
  const end = Math.min(to, real.content.length);
  if (from >= end) return to;
  rule('copy-up/fills-holes');
  for (let page = Math.floor(from / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
    if (!allocatePage(world.fs, real, page)) return Math.max(from, page * PAGE_BYTES);
  }
  return to;
}

/** Whether there is room for a page that is not there. */
function allocatePage(fs: RealFs, real: RealInode, page: number): boolean {
  writeShared(real);
  const isThere = real.pages.has(page) && !real.unwritten.has(page);
  if (!isThere && !hasRoomFor(fs, real, page)) return false;
  const pages = profileOf(real).fillsAround(fs.semantics);
  const isInFolio = pages > 1 && mayBeInFolio(real, page, pages);
  if (isInFolio && (!isThere || hasHoles(real))) real.hasReserved = true;
  if (isThere) return true;
  real.pages.add(page);
  real.unwritten.delete(page);
  real.version++;
  return true;
}

function hasHoles({ content, pages, unwritten }: RealInode): boolean {
  for (let page = 0; page * PAGE_BYTES < content.length; page++) {
    if (!pages.has(page) || unwritten.has(page)) return true;
  }
  return false;
}

/** Reading ahead brings in so many pages at a time or more, none of them behind the end. */
function mayBeInFolio({ content }: RealInode, page: number, pages: number): boolean {
  return (page - (page % pages) + pages - 1) * PAGE_BYTES < content.length;
}

function pageOf({ content, tail }: RealInode, page: number): string {
  const start = page * PAGE_BYTES;
  return content
    .concat(tail)
    .bytes(start, start + PAGE_BYTES)
    .padEnd(PAGE_BYTES, '\0');
}

function storePage(real: RealInode, page: number, bytes: string): void {
  const size = real.content.length;
  const start = page * PAGE_BYTES;
  dirty(real, page);
  const all = real.content.concat(real.tail);
  setContent(real, all.slice(0, start).concat(bytes, all.slice(start + PAGE_BYTES)), size);
  real.version++;
}
