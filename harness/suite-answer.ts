import { typeOfMode } from '../model/compare-fields.ts';
import { errnoName } from '../model/errno.ts';
import type { ObservedNode, ObservedTrace, Seen } from '../model/observation.ts';
import { printObservation } from '../model/print-step.ts';
import { quote } from '../model/print.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';

/** How what is seen at a path is put into few words. */
const FIELDS = {
  type: ({ mode, rdev }: ObservedNode): string => {
    const type = typeOfMode(mode);
    return type === 'chr' || type === 'blk' ? `${type} ${rdev.major}:${rdev.minor}` : type;
  },
  mode: ({ mode }: ObservedNode): string => `0${(mode & 0o7777).toString(8)}`,
  uid: ({ uid }: ObservedNode): string => String(uid),
  gid: ({ gid }: ObservedNode): string => String(gid),
  nlink: ({ nlink }: ObservedNode): string => String(nlink),
  size: ({ size }: ObservedNode): string => String(size),
  blocks: ({ blocks }: ObservedNode): string => String(blocks),
  content: ({ content, dataError }: ObservedNode): string =>
    dataError === 0 ? quote(content) : (errnoName(dataError) ?? String(dataError)),
} as const satisfies Readonly<Record<string, (node: ObservedNode) => string>>;

export const PLACE_FIELDS = Object.keys(FIELDS);

/** The result of a step of the trace, or something that is seen after one; 0 is the mount. */
export type Place =
  | { readonly result: number }
  | {
      readonly after: number;
      readonly tree: 'merged' | 'base';
      readonly path: string;
      /** One of FIELDS, or `xattr ` and its name. */
      readonly field: string;
    };

const XATTR = 'xattr ';
const NOTHING = 'nothing';
const FAILED = /^-1 /;

/** What a trace answers to a question, in words of its own where there are any. */
export function answerOf(
  scenario: Scenario,
  observed: ObservedTrace,
  {
    shows,
    says,
  }: { readonly shows: readonly Place[]; readonly says: Readonly<Record<string, string>> },
): string {
  const answer = shows.map((place) => sayPlace(scenario, observed, place)).join(', ');
  return says[answer] ?? answer;
}

function sayPlace(scenario: Scenario, observed: ObservedTrace, place: Place): string {
  const at = 'result' in place ? place.result : place.after;
  // A mount that fails is the end of a trace.
  if (at >= observed.length) return `mount ${resultAt(scenario, observed, observed.length - 1)}`;
  if ('result' in place) return resultAt(scenario, observed, at);
  const seen = lookUp(observed, place);
  if (seen === null) return NOTHING;
  if (seen.kind === 'unreadable') return errnoName(seen.error) ?? String(seen.error);
  if (!place.field.startsWith(XATTR)) {
    // The schema of suites has no other fields.
    return FIELDS[place.field as keyof typeof FIELDS](seen);
  }
  const value = seen.xattrs.get(place.field.slice(XATTR.length));
  if (value === undefined) return NOTHING;
  return typeof value === 'string' ? quote(value) : (errnoName(value) ?? String(value));
}

function resultAt(scenario: Scenario, observed: ObservedTrace, at: number): string {
  const op = at === 0 ? 'mount' : withEpilogue(scenario).steps[at - 1]?.op;
  const step = observed[at];
  if (op === undefined || step === undefined) return NOTHING;
  return printObservation(op, step.result).replace(FAILED, '');
}

/** What is at a path after a step: of a tree only changes travel. */
function lookUp(
  observed: ObservedTrace,
  { after, tree, path }: Extract<Place, { readonly path: string }>,
): Seen | null {
  const step = observed
    .slice(0, after + 1)
    .findLast((each) => each[tree] === null || each[tree].has(path));
  const seen = step?.[tree]?.get(path);
  return seen === undefined || seen.kind === 'gone' ? null : seen;
}
