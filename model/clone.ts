import { profileOf } from './bases.ts';
import { PAGE_BYTES } from './flags.ts';
import { fsOfIno } from './ino.ts';
import { growContent, setContent } from './content.ts';
import { isInRange } from './faults.ts';
import { writeBack } from './memory.ts';
import type { RealInode, World } from './state.ts';

/** Files that share blocks, where the file system can: copies that copy nothing. */

/** Whether blocks of one file may be those of another, too. */
export function mayShare(a: RealInode, b: RealInode): boolean {
  return fsOfIno(a.ino) === fsOfIno(b.ino) && profileOf(a).clones !== 'no';
}

/**
 * How many bytes can be shared of a range that is asked for: whole blocks, or up to the end of the
 * source when nothing of the target lies behind it. Null where one range or the other begins within
 * a block, or nothing is left of it.
 */
export function shareableBytes(
  source: RealInode,
  at: number,
  target: RealInode,
  toAt: number,
  count: number,
): number | null {
  const { length } = source.content;
  if (at % PAGE_BYTES !== 0 || toAt % PAGE_BYTES !== 0 || at + count > length) return null;
  const isToEnd = at + count === length && toAt + count >= target.content.length;
  const bytes = isToEnd ? count : count - (count % PAGE_BYTES);
  return bytes > 0 ? bytes : null;
}

/** Before blocks are shared, and often before it is known that they cannot be, data is written. */
export function writeBackToShare(
  world: World,
  source: RealInode,
  at: number,
  target: RealInode,
  toAt: number,
  count: number,
): void {
  if (profileOf(source).clones === 'on disk') {
    writeBack(world, (real) => real === source);
  } else {
    const isInBlocks = at % PAGE_BYTES === 0 && toAt % PAGE_BYTES === 0;
    const isToEnd = at + count >= source.content.length;
    const overlaps = source === target && at < toAt + count && toAt < at + count;
    if (!isInBlocks || overlaps || (count < PAGE_BYTES && !isToEnd)) return;
    writeBack(world, (real) => real === source, isInRange(at, count));
  }
  writeBack(world, (real) => real === target, isInRange(toAt, count));
}

/** The target has the blocks of the source, and holes where those are. */
export function shareRange(
  source: RealInode,
  at: number,
  target: RealInode,
  toAt: number,
  count: number,
): void {
  const { content, pages, unwritten } = source;
  const { clonesReserved } = profileOf(source);
  const bytes = content.slice(at, at + count);
  // Growing may fill a block of what is copied, in one file.
  growContent(target, toAt);
  const shared = [...pages].filter((page) => clonesReserved || !unwritten.has(page));
  const { length } = target.content;
  const all = target.content;
  setContent(
    target,
    all.slice(0, toAt).concat(bytes, all.slice(toAt + count)),
    Math.max(length, toAt + count),
  );
  const from = at / PAGE_BYTES;
  const moved = toAt / PAGE_BYTES - from;
  const to = Math.ceil((at + count) / PAGE_BYTES);
  for (let page = from; page < to; page++) {
    target.pages.delete(page + moved);
    target.unwritten.delete(page + moved);
  }
  for (const page of shared) {
    if (page < from || page >= to) continue;
    target.pages.add(page + moved);
    if (unwritten.has(page)) target.unwritten.add(page + moved);
    source.sharesBlocks = true;
    target.sharesBlocks = true;
    if (source.hasReserved) target.hasReserved = true;
  }
  target.version++;
}
