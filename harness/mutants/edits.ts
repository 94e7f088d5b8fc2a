import { HarnessError } from '../errors.ts';
import { skipBalanced } from './c-text.ts';
import type { Edit, Mutant } from './record.ts';

/** Files of a source folder by name. */
export type Sources = ReadonlyMap<string, string>;

/**
 * The files that a mutant changes, as they are then. An edit that does not fit exactly is an error:
 * a newer source may have moved on, and a mutant that is none would count as survived.
 */
export function mutate({ id, file, function: place, edits }: Mutant, sources: Sources): Sources {
  const changed = new Map<string, string>();
  for (const [index, edit] of edits.entries()) {
    const fail = (why: string): never => {
      throw new HarnessError('bad-input', `mutant ${id}, edit ${index + 1}: ${why}`);
    };
    const name = edit.file ?? file;
    const text = changed.get(name) ?? sources.get(name);
    if (text === undefined) return fail(`there is no ${name}`);
    const inFunction = edit.function === undefined ? place : edit.function;
    changed.set(name, applyEdit(edit, text, inFunction ?? null, fail));
  }
  for (const [name, text] of changed) {
    if (text === sources.get(name)) {
      throw new HarnessError('bad-input', `mutant ${id} changes nothing in ${name}`);
    }
  }
  return changed;
}

function applyEdit(
  edit: Edit,
  text: string,
  place: string | null,
  fail: (why: string) => never,
): string {
  const extent = place === null ? { start: 0, end: text.length } : functionIn(text, place);
  if (extent === null) return fail(`there is no function ${place ?? ''}`);
  const body = text.slice(extent.start, extent.end);
  const all = [...body.matchAll(patternOf(edit, fail))];
  const where = place ?? 'the file';
  const { nth, count = 1 } = edit;
  if (nth !== undefined && nth >= all.length) {
    fail(`match ${nth} is meant, and ${where} has ${all.length}`);
  }
  if (nth === undefined && all.length !== count) {
    fail(`found ${all.length} times in ${where}, not ${count}`);
  }
  const meant = nth === undefined ? all : all.slice(nth, nth + 1);
  let result = body;
  // From the end, so that what was found before stays where it is.
  for (const match of meant.toReversed()) {
    const by = edit.regex === true ? expand(edit.replace, match) : edit.replace;
    result = result.slice(0, match.index) + by + result.slice(match.index + match[0].length);
  }
  return text.slice(0, extent.start) + result + text.slice(extent.end);
}

/** Where a text is found that an edit asks for, whatever the white space in it. */
export function matchesOf(edit: Edit, text: string): readonly RegExpExecArray[] {
  const fail = (why: string): never => {
    throw new HarnessError('bad-input', why);
  };
  return [...text.matchAll(patternOf(edit, fail))];
}

/** What means something in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

function patternOf({ find, regex }: Edit, fail: (why: string) => never): RegExp {
  if (regex !== true) {
    const words = find.split(/\s+/).filter((word) => word !== '');
    return new RegExp(words.map((word) => word.replaceAll(SPECIAL, '\\$&')).join('\\s+'), 'g');
  }
  // Python writes named groups, and flags for the whole, in a way of its own.
  const [, flags = '', source = find] = /^\(\?([ims]+)\)([^]*)$/.exec(find) ?? [];
  try {
    return new RegExp(source.replaceAll('(?P<', '(?<'), `g${flags}`);
  } catch {
    return fail(`${find} is no regular expression`);
  }
}

/** Puts groups in, written `\1`, `\g<1>` or `\g<name>`. */
function expand(replace: string, match: RegExpExecArray): string {
  return replace.replaceAll(/\\(?:(\d)|g<(\w+)>|([nt\\]))/g, (_, digit, name, escape) => {
    if (escape !== undefined) return { n: '\n', t: '\t' }[String(escape)] ?? '\\';
    const group = String(digit ?? name);
    return (/^\d/.test(group) ? match[Number(group)] : match.groups?.[group]) ?? '';
  });
}

/** Where a function is defined, from the line of its name to its last brace. */
export function functionIn(
  text: string,
  name: string,
): { readonly start: number; readonly end: number } | null {
  const head = new RegExp(`^(?:[A-Za-z_][^\\n;{}#]*\\b)?${name}\\s*\\(`, 'gm');
  for (const { index: start, 0: found } of text.matchAll(head)) {
    const open = skipBalanced(text, start + found.length - 1, '(', ')');
    if (open === null) continue;
    const space = /^\s*/.exec(text.slice(open))?.[0].length ?? 0;
    // A declaration, or a call, has no body.
    if (text[open + space] !== '{') continue;
    const end = skipBalanced(text, open + space, '{', '}');
    if (end !== null) return { start, end };
  }
  return null;
}
