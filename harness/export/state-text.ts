import type { NodeView, StatView, StatxView, StepPrediction } from '../../model/observation.ts';
import type { Tree, XattrValue } from '../../model/observation.ts';
import type { Content } from '../../model/sparse.ts';
import { isEitherTime, isSetTime } from '../../model/time.ts';
import type { Time } from '../../model/time.ts';

/** Longer content is known by its sum alone. */
const CONTENT_MAX = 48;
const MADE_UP = /^(w\d*\/(?:work|index)\/)([#@]).*$/;

/** What is mounted and the layers, a line for each object; null where it is not all predicted. */
export function stateText(
  { merged, base, isOrderOpen }: StepPrediction,
  { hasInos }: { readonly hasInos: boolean },
): readonly string[] | null {
  if (isOrderOpen === true) return null;
  const ids = hasInos ? new Map<number, number>() : null;
  const lines = [
    ...(merged === null ? ['m is not mounted'] : linesOf(merged, 'm', ids)),
    ...linesOf(base, '', ids),
  ];
  return lines.includes(null) ? null : lines.filter((line) => line !== null).toSorted(byBytes);
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function linesOf(
  tree: Tree,
  top: string,
  ids: Map<number, number> | null,
): readonly (string | null)[] {
  const paths = [...tree.keys()].toSorted(asWalked);
  return paths.flatMap((path) => {
    const shown = [top, path].filter((part) => part !== '').join('/');
    const entry = tree.get(path);
    // The folder of all layers is nobody's business.
    if (shown === '' || entry === undefined) return [];
    const { node } = entry;
    if (node.kind === 'unreadable') {
      const errnos = node.error.ok ? [] : node.error.anyOf;
      return errnos.length === 1 ? [`${shown} unreadable=${errnos[0] ?? ''}`] : [null];
    }
    const made = MADE_UP.exec(shown);
    return [nodeLine(made === null ? shown : `${made[1] ?? ''}${made[2] ?? ''}`, node, ids)];
  });
}

/** The order of a walk: a directory comes right before what is in it. */
function asWalked(a: string, b: string): number {
  return byBytes(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'));
}

function nodeLine(path: string, node: NodeView, ids: Map<number, number> | null): string | null {
  const { dataError, mayFail, target, xattrs, type, content } = node;
  if (mayFail !== undefined || (dataError !== undefined && dataError.anyOf.length > 1)) return null;
  const parts = [path, statusText(node)];
  // What the kernel makes up a name for is listed in an order of its own.
  if (ids !== null && !/\/[#@]$/.test(path)) parts.push(`ino=${idOf(ids, node.ino)}`);
  if (type === 'symlink') parts.push(`-> ${quoteAll(target)}`);
  const names = [...xattrs.keys()].toSorted(byBytes);
  for (const name of names) parts.push(`${name}=${valueText(xattrs.get(name) ?? '')}`);
  if (dataError !== undefined) parts.push(`reading=${dataError.anyOf[0] ?? ''}`);
  else if (type === 'file' && node.size > 0) parts.push(contentText(content));
  return parts.join(' ');
}

function idOf(ids: Map<number, number>, ino: number): number {
  const id = ids.get(ino) ?? ids.size + 1;
  ids.set(ino, id);
  return id;
}

export function statusText(view: StatView): string {
  const { type, mode, uid, gid, nlink, size, rdev, flags, atime, mtime, ctime } = view;
  const parts = [`${type} 0${mode.toString(8)} ${uid}:${gid} nlink=${nlink}`];
  if (type === 'file' || type === 'symlink') parts.push(`size=${size}`);
  if (type === 'chr' || type === 'blk') parts.push(`rdev=${rdev.major}:${rdev.minor}`);
  if (flags !== 0) parts.push(`flags=0x${flags.toString(16)}`);
  parts.push(`atime=${timeText(atime)} mtime=${timeText(mtime)} ctime=${timeText(ctime)}`);
  return parts.join(' ');
}

/** The same of a call that asks for parts. */
export function statxText(view: StatxView): string {
  const bits = [view.mask, view.attributes].map((number) => number.toString(16));
  const [mask = '', attributes = ''] = bits;
  const btime = timeText(view.btime);
  return `mask=0x${mask} attributes=0x${attributes} btime=${btime} ${statusText(view)}`;
}

function timeText(time: Time): string {
  if (isEitherTime(time)) return time.either.map((one) => timeText(one)).join('|');
  if (!isSetTime(time)) return `step${time}`;
  return time.nsec === 0 ? String(time.sec) : `${time.sec}.${String(time.nsec).padStart(9, '0')}`;
}

function valueText(value: XattrValue): string {
  if (typeof value === 'string') return quoteAll(value);
  if ('handleOf' in value) return 'handle';
  return 'randomBytes' in value ? 'random' : value.unreadable;
}

function contentText(content: Content): string {
  return content.length <= CONTENT_MAX ? quoteAll(content.bytes()) : `cksum=${sumOf(content)}`;
}

/** As `quote` of strace, but never cut. */
export function quoteAll(bytes: string): string {
  const escaped = bytes.replaceAll(/[^ -~]|["\\]/g, (char) =>
    char === '"' || char === '\\'
      ? `\\${char}`
      : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}

const POLYNOMIAL = 0x04c1_1db7;
/** What a byte of zeros does to a sum is to multiply it by this. */
const ZERO_BYTE = 0x100;

/** The sum of cksum(1), at a cost of what is no hole. */
export function sumOf({ pieces, length }: Content): number {
  let sum = 0;
  let done = 0;
  const add = (byte: number): void => {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? POLYNOMIAL : 0);
  };
  for (const { at, text } of pieces) {
    sum = times(sum, factorOfZeros(at - done));
    for (let index = 0; index < text.length; index++) add(text.charCodeAt(index));
    done = at + text.length;
  }
  sum = times(sum, factorOfZeros(length - done));
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) add(rest % 256);
  return ~sum >>> 0;
}

function factorOfZeros(count: number): number {
  let factor = 1;
  let power = ZERO_BYTE;
  for (let left = count; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) factor = times(factor, power);
    power = times(power, power);
  }
  return factor;
}

/** The product of two polynomials, a bit for each power, modulo that of the sum. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 31; bit >= 0; bit--) {
    product = (product << 1) ^ (product < 0 ? POLYNOMIAL : 0);
    if (((b >>> bit) & 1) === 1) product ^= a;
  }
  return product;
}
