/** Pieces begin after an empty line and in the first column. */
const PIECES = /\n\n+(?=[^\s}])/;

/** A piece of a frame: what it defines, and its text. */
interface Piece {
  readonly names: readonly string[];
  readonly text: string;
}

/** The pieces of a frame that a program uses, one way or another, in the order of the frame. */
export function onlyUsed(frame: string, program: string, language: 'c' | 'sh'): string {
  const { namesIn, codeOf } = LANGUAGES[language];
  const pieces = frame
    .trim()
    .split(PIECES)
    .map((text): Piece => ({ text, names: namesIn(text) }));
  const used = new Set<Piece>(pieces.filter(({ names }) => names.length === 0));
  const wanted = [program];
  for (let text = wanted.pop(); text !== undefined; text = wanted.pop()) {
    const words = new Set(codeOf(text).match(/\w+/g));
    for (const piece of pieces) {
      if (used.has(piece) || !piece.names.some((name) => words.has(name))) continue;
      used.add(piece);
      wanted.push(piece.text);
    }
  }
  const text = pieces
    .filter((piece) => used.has(piece))
    .map((piece) => piece.text)
    .join('\n\n');
  return withoutIncludes(text, new Set(codeOf(`${text}\n${program}`).match(/\w+/g)));
}

/** A header stays if one of the words that stand behind it is used. */
function withoutIncludes(text: string, words: ReadonlySet<string>): string {
  return text.replaceAll(
    /^(#include \S+) \/\* (.*) \*\/\n/gm,
    (_, line: string, reasons: string) => {
      return reasons.split(' ').some((word) => words.has(word)) ? `${line}\n` : '';
    },
  );
}

/** What defines nothing is in every program. */
function namesInC(text: string): readonly string[] {
  const code = codeOfC(text).trim();
  if (code.startsWith('#include') || code.startsWith('#define _GNU_SOURCE')) return [];
  const [, macro] = /^#(?:define|ifndef) (\w+)/.exec(code) ?? [];
  if (macro !== undefined) return [macro.replace(/^SYS_/, '')];
  if (code.startsWith('enum')) return code.match(/\b[A-Z]+\b/g) ?? [];
  const [, struct] = /^struct (\w+) \{/.exec(code) ?? [];
  if (struct !== undefined) return [struct];
  const [, name] = /(\w+)(?:\(|\[| =|;)/.exec(code) ?? [];
  return name === undefined ? [] : [name];
}

/** Without comments and strings: their words are no names. */
function codeOfC(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*#(?!define|include|ifndef).*|"(?:[^"\\]|\\.)*"/gm, ' ');
}

function namesInShell(text: string): readonly string[] {
  return [...text.matchAll(/^(\w+)(?:\(\)|=)/gm)].map(([, name = '']) => name);
}

/** Strings of a shell have commands in them. */
function codeOfShell(text: string): string {
  return text.replaceAll(/^\s*#.*/gm, ' ');
}

const LANGUAGES = {
  c: { namesIn: namesInC, codeOf: codeOfC },
  sh: { namesIn: namesInShell, codeOf: codeOfShell },
} as const;
