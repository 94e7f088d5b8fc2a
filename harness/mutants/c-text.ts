/** C source in which comments, strings and lines of the preprocessor are blank: places stay. */
export function codeOnly(text: string): string {
  const notCode =
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^#(?:.*\\\n)*.*$/gm;
  return text.replace(notCode, (found) => found.replace(/[^\n]/g, ' '));
}

/** Where the bracket that opens at `from` has been closed; null when it never is. */
export function skipBalanced(
  text: string,
  from: number,
  open: string,
  close: string,
): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    if (text[at] === close && --depth === 0) return at + 1;
  }
  return null;
}

/** The arguments of a call whose bracket opens at `from`: where each begins and ends. */
export function argumentsAt(
  text: string,
  from: number,
): readonly { readonly start: number; readonly end: number }[] {
  const last = skipBalanced(text, from, '(', ')');
  if (last === null) return [];
  const found: { start: number; end: number }[] = [];
  let start = from + 1;
  let depth = 0;
  for (let at = from; at < last; at++) {
    if ('([{'.includes(text[at] ?? '')) depth++;
    if (')]}'.includes(text[at] ?? '')) depth--;
    if ((depth === 1 && text[at] === ',') || depth === 0) {
      found.push({ start, end: at });
      start = at + 1;
    }
  }
  return found;
}
