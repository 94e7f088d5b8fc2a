import { TYPE_BITS } from '../../model/compare-fields.ts';
import { errnoName } from '../../model/errno.ts';
import { handleIno, isHandleOfUpper, sayHandle } from '../../model/handle.ts';
import type { Identities } from '../../model/identities.ts';
import { sayIno } from '../../model/ino.ts';
import type {
  NodeView,
  ObservedNode,
  Seen,
  TreeEntry,
  XattrValue,
} from '../../model/observation.ts';
import { quote } from '../../model/print.ts';
import type { DeviceNumber } from '../../model/state.ts';

/** What is said of an object, by field: as `ls -l` shows it, then what it holds and its xattrs. */
export type Facts = Readonly<Record<string, string>>;

const LETTERS = { fifo: 'p', chr: 'c', dir: 'd', blk: 'b', file: '-', symlink: 'l', sock: 's' };
const TYPE_MASK = 0o170000;

/** What the model says of an object. */
export function predictedFacts({ node }: TreeEntry): Facts {
  if (node.kind === 'unreadable') {
    return { error: node.error.ok ? 'unreadable' : node.error.anyOf.join(' or ') };
  }
  const mode = TYPE_BITS[node.type] | node.mode;
  const xattrs = [...node.xattrs].map(([name, value]) => [name, sayPredicted(value)] as const);
  return { ...statusFacts(node, mode), ...xattrFacts(xattrs) };
}

/** What the kernel shows of it; identities say which object a file handle names. */
export function observedFacts(seen: Seen, identities: Identities): Facts {
  if (seen.kind === 'unreadable') return { error: errnoName(seen.error) ?? String(seen.error) };
  const xattrs = [...seen.xattrs].map(
    ([name, value]) => [name, sayObserved(value, identities)] as const,
  );
  return { ...statusFacts(seen, seen.mode), ...xattrFacts(xattrs) };
}

type Status = Pick<NodeView & ObservedNode, 'nlink' | 'uid' | 'gid' | 'size' | 'content'> & {
  readonly rdev: DeviceNumber;
  readonly target: string;
};

function statusFacts(
  { nlink, uid, gid, size, content, rdev, target }: Status,
  mode: number,
): Facts {
  const facts = { mode: modeText(mode), links: String(nlink), owner: `${uid}:${gid}` };
  switch (mode & TYPE_MASK) {
    case TYPE_BITS.file:
      return {
        ...facts,
        size: String(size),
        ...(content.length === 0 ? {} : { content: quote(content) }),
      };
    case TYPE_BITS.symlink:
      return { ...facts, target: `-> ${quote(target)}` };
    case TYPE_BITS.chr:
    case TYPE_BITS.blk:
      return { ...facts, device: `${rdev.major}:${rdev.minor}` };
    default:
      return facts;
  }
}

function modeText(mode: number): string {
  const type = Object.entries(TYPE_BITS).find(([, bits]) => bits === (mode & TYPE_MASK))?.[0];
  // The names of both tables are those of file types.
  const letter = type === undefined ? '?' : LETTERS[type as keyof typeof LETTERS];
  const triple = (bits: number, special: boolean, mark: string): string => {
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? mark : mark.toUpperCase()) : execute ? 'x' : '-';
    return ((bits & 4) === 0 ? '-' : 'r') + ((bits & 2) === 0 ? '-' : 'w') + last;
  };
  return (
    letter +
    triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
    triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    triple(mode & 7, (mode & 0o1000) !== 0, 't')
  );
}

function xattrFacts(xattrs: readonly (readonly [name: string, value: string])[]): Facts {
  const sorted = xattrs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, value]) => [`xattr ${name}`, `${name}=${value}`]));
}

function sayPredicted(value: XattrValue): string {
  if (typeof value === 'string') return quote(value);
  if ('randomBytes' in value) return `${value.randomBytes} bytes`;
  if ('unreadable' in value) return value.unreadable;
  return sayHandle(sayIno(value.handleOf), value.isUpper ?? false);
}

function sayObserved(value: string | number, identities: Identities): string {
  if (typeof value === 'number') return errnoName(value) ?? String(value);
  const ino = handleIno(value);
  return ino === null ? quote(value) : sayHandle(identities.say(ino), isHandleOfUpper(value));
}
