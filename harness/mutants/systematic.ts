import { argumentsAt, codeOnly, skipBalanced } from './c-text.ts';
import { functionIn, matchesOf } from './edits.ts';
import type { Sources } from './edits.ts';
import type { Mutant } from './record.ts';

/** A piece of a function's text, and what comes instead. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly replace: string;
}

/** Finds places in the code of a function; `code` has blanks where no code is. */
type Operator = (code: string, text: string) => readonly Change[];

/** Left out, they leak or hang a machine, which says nothing of what overlayfs does. */
const HOUSEKEEPING =
  /lock|put|free|free_|drop_|creds|^pr_|warn|bug_on|rcu|barrier|trace|^if$|^for$|^while$|^switch$/i;
const CALL = /^[ \t]+(\w+)\(/gm;

const negatedConditions: Operator = (code, text) =>
  [...code.matchAll(/\bif \(/g)].flatMap(({ index, 0: head }) => {
    const open = index + head.length - 1;
    const end = skipBalanced(code, open, '(', ')');
    if (end === null) return [];
    return { start: index, end, replace: `if (!${text.slice(open, end)})` };
  });

/** Calls for their effect, and those of which only success or failure is kept. */
const droppedCalls: Operator = (code) => [
  ...[...code.matchAll(CALL)].flatMap(({ index, 0: head, 1: name = '' }) => {
    const end = statementEnd(code, index + head.length - 1);
    if (end === null || HOUSEKEEPING.test(name)) return [];
    return { start: index + head.length - 1 - name.length, end, replace: ';' };
  }),
  ...[...code.matchAll(/\b(?:err|ret|error) = (\w+)\(/g)].flatMap(
    ({ index, 0: head, 1: name = '' }) => {
      const end = statementEnd(code, index + head.length - 1);
      if (end === null || HOUSEKEEPING.test(name)) return [];
      return { start: index, end, replace: `${head.slice(0, head.indexOf('='))}= 0;` };
    },
  ),
];

/** Where a statement ends that is a call and nothing more. */
function statementEnd(code: string, open: number): number | null {
  const end = skipBalanced(code, open, '(', ')');
  return end !== null && code[end] === ';' ? end + 1 : null;
}

/** Two neighbours that are declared alike, so that a compiler has nothing against it. */
const swappedArguments: Operator = (code, text) => {
  const types = declaredTypes(code);
  return [...code.matchAll(/\b(\w+)\(/g)].flatMap(({ index, 0: head }) => {
    const all = argumentsAt(code, index + head.length - 1);
    return all.flatMap((argument, at) => {
      const next = all[at + 1];
      if (next === undefined) return [];
      const [one, other] = [argument, next].map(({ start, end }) => text.slice(start, end).trim());
      const type = types.get(one ?? '');
      if (one === other || type === undefined || type !== types.get(other ?? '')) return [];
      return { start: argument.start, end: next.end, replace: `${other ?? ''}, ${one ?? ''}` };
    });
  });
};

/** Names that a function declares, as parameters or at the start of a line. */
function declaredTypes(code: string): ReadonlyMap<string, string> {
  const declared =
    /(?:[(,]|^)\s*(?:const )?((?:struct \w+|unsigned int|\w+))(\s+\*?|\s*\*)(\w+)(?= ?[,;=)])/gm;
  const types = new Map<string, string>();
  for (const [, type = '', star = '', name = ''] of code.matchAll(declared)) {
    if (type !== 'return' && type !== 'goto') types.set(name, `${type}${star.trim()}`);
  }
  return types;
}

const OFF_BY_ONE: Readonly<Record<string, string>> = {
  ' < ': ' <= ',
  ' <= ': ' < ',
  ' > ': ' >= ',
  ' >= ': ' > ',
  ' + 1': '',
  ' - 1': '',
};
const CONNECTIVES: Readonly<Record<string, string>> = { ' && ': ' || ', ' || ': ' && ' };

function replacing(pattern: RegExp, by: Readonly<Record<string, string>>): Operator {
  return (code) =>
    [...code.matchAll(pattern)].map(({ index, 0: found }) => ({
      ...{ start: index, end: index + found.length },
      replace: by[found] ?? found,
    }));
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  'condition-negated': negatedConditions,
  'call-dropped': droppedCalls,
  'arguments-swapped': swappedArguments,
  'off-by-one': replacing(/ (?:[<>]=?) | [+-] 1\b/g, OFF_BY_ONE),
  'and-or': replacing(/ (?:&&|\|\|) /g, CONNECTIVES),
};

/** A small bug at each place of each function where one of a few kinds fits. */
export function systematicMutants(sources: Sources, kernel: string): readonly Mutant[] {
  return [...sources].flatMap(([file, text]) =>
    file.endsWith('.c') ? functionsOf(text).flatMap((name) => inFunction(file, text, name)) : [],
  );

  function inFunction(file: string, text: string, name: string): readonly Mutant[] {
    const extent = functionIn(text, name);
    if (extent === null) return [];
    const body = text.slice(extent.start, extent.end);
    const code = codeOnly(body);
    return Object.entries(OPERATORS).flatMap(([kind, operator]) =>
      operator(code, body).flatMap(({ start, end, replace }, index) => {
        const find = body.slice(start, end).trim();
        const at = start + body.slice(start, end).indexOf(find);
        const nth = matchesOf({ find, replace }, body).findIndex((match) => match.index === at);
        const edit = { find, nth, replace: replace.trim() };
        const about = { title: `${name}: ${kind}, place ${index + 1}`, class: kind, kernel };
        const id = `${file.slice(0, -2)}.${name}.${kind}.${index + 1}`;
        return nth < 0 ? [] : { id, ...about, file, function: name, edits: [edit] };
      }),
    );
  }
}

/** Names of functions in the order of their definition. */
function functionsOf(text: string): readonly string[] {
  const heads = codeOnly(text).matchAll(/^[A-Za-z_][^\n;{}#=]*?\b(\w+)\s*\(/gm);
  return [...new Set([...heads].map(([, name = '']) => name))];
}
