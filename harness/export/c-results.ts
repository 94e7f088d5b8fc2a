import { CONNECTABLE_DIR, OVERLAY_HANDLE_TYPE, PLAIN_HANDLE_TYPE } from '../../model/handle.ts';
import { OPS } from '../../model/ops/index.ts';
import type { Step } from '../../model/ops/index.ts';
import type { ResultKind, ResultKinds } from '../../model/ops/op.ts';
import type { Prediction } from '../../model/prediction.ts';
import { FILE_FLAGS, FILE_XFLAGS, flagBits, FS_XFLAG_HASATTR } from '../constants.ts';
import { toldOf } from '../watch-recipe.ts';
import { cString } from './c-text.ts';
import { statusText, statxText } from './state-text.ts';

type Checker<R extends ResultKind> = (value: ResultKinds[R], step: Step) => readonly string[];

const NONE = (): readonly string[] => [];

/** What is checked of each kind of result, beside what the call returned. */
const CHECKERS: { readonly [R in ResultKind]: Checker<R> } = {
  none: NONE,
  fd: NONE,
  count: NONE,
  bytes: (bytes, step) => {
    const isUnseen = 'size' in step.args && step.args.size === 0;
    return [isUnseen ? `expect_number(ret, ${bytes.length});` : `holds(${cString(bytes)});`];
  },
  path: (path) => [`leads_to(${cString(path)});`],
  names: (names, step) => {
    const isUnseen = 'size' in step.args && step.args.size === 0;
    return isUnseen ? [] : [`lists(${cString(names.toSorted().join(' '))});`];
  },
  events: (events) => [`heard(${cString(events.toSorted().join(', '))});`],
  told: (text) => [`was_told(${cString(toldOf(text).join(', '))});`],
  stat: (view) => [`shows(${cString(statusText(view))});`],
  statx: (view) => [`shows_all(${cString(statxText(view))});`],
  statfs: ({ type, nameBytesMax }) => [
    `expect_number(told_fs.f_type, 0x${type.toString(16)});`,
    `expect_number(told_fs.f_namelen, ${nameBytesMax});`,
  ],
  fileFlags: (names) => [`expect_bits(${hex(flagBits(FILE_FLAGS, names))}, 0);`],
  fileXflags: (names) => [
    `expect_bits(${hex(flagBits(FILE_XFLAGS, names))}, ${hex(FS_XFLAG_HASATTR)});`,
  ],
  dirents: ({ listing, must, may, repeats }) => {
    if (may === null) return [];
    const [all, other] = [[...must.keys()], [...may]].map((names) =>
      cString(names.map((name) => `/${name}`).join('') + (names.length > 0 ? '/' : '')),
    );
    return [`expect_names(${listing}, ${all ?? ''}, ${other ?? ''}, ${repeats ? 1 : 0});`];
  },
  handle: ({ isConnectable, isPlain = false }, step) => {
    const own = isPlain ? PLAIN_HANDLE_TYPE : OVERLAY_HANDLE_TYPE;
    const type = own | (isConnectable ? CONNECTABLE_DIR : 0);
    const number = 'handle' in step.args ? step.args.handle : 0;
    return [`handles[${number}] = fresh;`, `expect_handle_type(${hex(type)});`];
  },
  dedupe: (what) => (what === null ? [] : [`shares(${cString(what)});`]),
  otherMount: NONE,
  beside: NONE,
  beneath: NONE,
  busyMount: NONE,
  reconfigured: NONE,
  edit: NONE,
  mount: NONE,
};

/** What is checked once a step has succeeded. */
export function checksOf(
  step: Step,
  predicted: Extract<Prediction<unknown>, { ok: true }>,
): readonly string[] {
  // The value is of the result kind of its own operation.
  const checker = CHECKERS[OPS[step.op].result] as Checker<ResultKind>;
  const lines = checker(predicted.value as never, step);
  if (lines.length === 0 || predicted.unless === undefined) return lines;
  return ['if (ret >= 0) {', ...lines.map((line) => `\t${line}`), '}'];
}

function hex(bits: number): string {
  return `0x${(bits >>> 0).toString(16)}`;
}
