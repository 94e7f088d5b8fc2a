import type { Add, Comparison } from './compare.ts';
import { compareStat, compareStatx, isDType } from './compare-fields.ts';
import { CONNECTABLE_DIR, handleIno, isHandleOfUpper, OVERLAY_HANDLE_TYPE } from './handle.ts';
import { PLAIN_HANDLE_BYTES, PLAIN_HANDLE_TYPE, plainHandleIno } from './handle.ts';
import { handleUuid, sayHandle, WIRE_PADDING } from './handle.ts';
import { sayIno } from './ino.ts';
import type {
  MountView,
  ObservedHandle,
  ObservedDirents,
  ObservedStat,
  ObservedStatx,
} from './observation.ts';
import type { ResultKind, ResultKinds } from './ops/op.ts';
import { quote } from './print.ts';

/** What the kernel's side of each kind of result is. */
interface Observed {
  none: null;
  fd: null;
  count: number;
  bytes: string;
  path: string;
  names: readonly string[];
  events: readonly string[];
  told: string;
  stat: ObservedStat;
  statx: ObservedStatx;
  statfs: ResultKinds['statfs'];
  fileFlags: readonly string[];
  fileXflags: readonly string[];
  dirents: ObservedDirents;
  handle: ObservedHandle;
  dedupe: string;
  otherMount: string;
  beside: string;
  beneath: string;
  busyMount: string;
  reconfigured: MountView;
  edit: string;
  mount: ResultKinds['mount'];
}

const UNNAMED = /#\d+ \(deleted\)$/;

type Comparer<R extends ResultKind> = (
  comparison: Comparison,
  predicted: ResultKinds[R],
  observed: Observed[R],
  add: Add,
) => void;

/** How results compare. A new kind does not compile until it is here. */
const COMPARERS: { readonly [R in ResultKind]: Comparer<R> } = {
  none: () => undefined,
  fd: () => undefined,
  count: (_, predicted, observed, add) => {
    if (predicted === null || predicted === observed) return;
    add('result', 'result', String(predicted), String(observed));
  },
  bytes: (_, predicted, observed, add) => {
    if (predicted !== observed) add('result', 'result', quote(predicted), quote(observed));
  },
  path: (_, predicted, observed, add) => {
    if (predicted !== observed && predicted !== withoutNumber(observed))
      add('result', 'result', quote(predicted), quote(observed));
  },
  names: compareSets,
  events: compareSets,
  told: textComparer('told'),
  stat: (comparison, predicted, observed, add) => {
    compareStat(comparison, 'result', '', predicted, observed, add);
  },
  statx: (comparison, predicted, observed, add) => {
    compareStatx(comparison, predicted, observed, add);
  },
  statfs: (_, predicted, observed, add) => {
    if (predicted.type !== observed.type) {
      add('result f_type', 'result', predicted.type.toString(16), observed.type.toString(16));
    }
    if (predicted.nameBytesMax !== observed.nameBytesMax) {
      const { nameBytesMax } = observed;
      add('result f_namelen', 'result', String(predicted.nameBytesMax), String(nameBytesMax));
    }
    for (const part of ['fsid', 'counts'] as const) {
      if (predicted[part] !== observed[part])
        add(`result ${part}`, 'result', predicted[part], observed[part]);
    }
  },
  fileFlags: compareFlags,
  fileXflags: compareFlags,
  dirents: compareDirents,
  handle: compareHandle,
  dedupe: (comparison, predicted, observed, add) => {
    if (predicted !== null) textComparer('dedupe')(comparison, predicted, observed, add);
  },
  otherMount: textComparer('other mount'),
  beside: textComparer('mount beside'),
  beneath: textComparer('change beneath'),
  busyMount: textComparer('busy mount'),
  edit: textComparer('edit'),
  reconfigured: compareMount,
  mount: compareMount,
};

export function compareResult(
  comparison: Comparison,
  kind: ResultKind,
  predicted: unknown,
  observed: unknown,
  add: Add,
): void {
  // Both values come from the operation's own result kind, by which the table is keyed.
  const comparer = COMPARERS[kind] as Comparer<ResultKind>;
  comparer(comparison, predicted as never, observed as never, add);
}

function compareSets(
  _: Comparison,
  predicted: readonly string[],
  observed: readonly string[],
  add: Add,
): void {
  const sides = [predicted, observed].map((names) => names.toSorted().join(' '));
  if (sides[0] !== sides[1]) add('result', 'result', sides[0] ?? '', sides[1] ?? '');
}

function textComparer(
  what: string,
): (_: Comparison, predicted: string, observed: string, add: Add) => void {
  return (_, predicted, observed, add) => {
    if (!isOneOf(predicted, observed)) add(`result ${what}`, what, predicted, observed);
  };
}

/** How each of one call or more went, where there may be more than one answer to one. */
function isOneOf(predicted: string, observed: string): boolean {
  const answers = predicted.split(', ');
  const went = observed.split(', ');
  const isSaid = (answer: string, at: number): boolean =>
    answer.split(' or ').some((one) => one === went[at]);
  return answers.length === went.length && answers.every(isSaid);
}

function compareMount(_: Comparison, predicted: MountView, observed: MountView, add: Add): void {
  for (const part of ['results', 'layers', 'options'] as const) {
    const sides = [predicted, observed].map((view) => view[part]?.join(',') ?? '');
    if (sides[0] === sides[1]) continue;
    const which = part === 'options' ? optionsThatDiffer(predicted.options, observed.options) : [];
    const field = ['result', part, ...which].join(' ');
    add(field, part, sides[0] ?? '', sides[1] ?? '');
  }
}

/** Their names: another option that differs is another finding. */
function optionsThatDiffer(
  predicted: readonly string[],
  observed: readonly string[],
): readonly string[] {
  const ofOneSide = [
    ...predicted.filter((option) => !observed.includes(option)),
    ...observed.filter((option) => !predicted.includes(option)),
  ];
  return [...new Set(ofOneSide.map((option) => option.split('=', 1)[0] ?? ''))].sort();
}

function compareFlags(
  _: Comparison,
  predicted: readonly string[],
  observed: readonly string[],
  add: Add,
): void {
  const sides = [predicted, observed].map((names) => names.toSorted().join('|'));
  if (sides[0] !== sides[1]) add('result flags', 'flags', sides[0] ?? '', sides[1] ?? '');
}

/** A handle names the right inode of the right layer; its type says how it was asked for. */
function compareHandle(
  { identities }: Comparison,
  { ino, isUpper, isPlain, isConnectable, hasNoUuid }: ResultKinds['handle'],
  { type, bytes }: ObservedHandle,
  add: Add,
): void {
  if (isPlain === true) {
    if (type !== PLAIN_HANDLE_TYPE) add('result type', 'handle', hex(PLAIN_HANDLE_TYPE), hex(type));
    const shown = bytes.length === PLAIN_HANDLE_BYTES ? plainHandleIno(bytes) : null;
    if (shown !== null && identities.agree(ino, shown)) return;
    add('result', 'handle', sayIno(ino), shown === null ? quote(bytes) : identities.say(shown));
    return;
  }
  const expectedType = OVERLAY_HANDLE_TYPE | (isConnectable ? CONNECTABLE_DIR : 0);
  if (type !== expectedType) add('result type', 'handle', hex(expectedType), hex(type));
  const own = bytes.startsWith(WIRE_PADDING) ? bytes.slice(WIRE_PADDING.length) : '';
  const seen = handleIno(own);
  const isSame =
    seen !== null &&
    isHandleOfUpper(own) === isUpper &&
    identities.agreeHandle(ino, seen, handleUuid(own), hasNoUuid);
  if (isSame) return;
  const said = seen === null ? quote(bytes) : sayHandle(identities.say(seen), isHandleOfUpper(own));
  add('result', 'handle', sayHandle(sayIno(ino), isUpper), said);
}

function hex(type: number): string {
  return `0x${type.toString(16)}`;
}

/**
 * Part of a listing: names come in any order but once each, and the end only when all that must
 * come have come.
 */
function compareDirents(
  { listings, identities }: Comparison,
  { listing, must, may, repeats }: ResultKinds['dirents'],
  { entries }: ObservedDirents,
  add: Add,
): void {
  const seen = listings.get(listing) ?? new Set<string>();
  listings.set(listing, seen);
  if (may === null) return;
  for (const { name, ino, type } of entries) {
    const at = `entry ${quote(name)}`;
    const expected = must.get(name);
    if (seen.has(name) && !repeats) add('result entry', at, 'once', 'twice');
    else if (expected === undefined && !may.has(name)) add('result entry', at, 'absent', 'listed');
    seen.add(name);
    if (expected === undefined) continue;
    if (!isDType(expected.type, type)) add('result d_type', at, expected.type, String(type));
    if (expected.ino !== null && !identities.agree(expected.ino, ino)) {
      add('result d_ino', at, sayIno(expected.ino), identities.say(ino));
    }
  }
  if (entries.length > 0) return;
  for (const name of must.keys()) {
    if (!seen.has(name)) add('result entry', `entry ${quote(name)}`, 'listed', 'absent at the end');
  }
}

/** What never had a name is shown by the number of its inode. */
export function withoutNumber(path: string): string {
  return path.replace(UNNAMED, '# (deleted)');
}
