import { GUEST } from '../guest.ts';

/** A string of bytes as C spells it. */
export function cString(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const char = bytes.charAt(at);
    const code = bytes.charCodeAt(at);
    if (char === '"' || char === '\\') text += `\\${char}`;
    else if (char === '\n') text += String.raw`\n`;
    else if (code >= 0x20 && code <= 0x7e) text += char;
    // A digit behind it would be part of a shorter one.
    else text += isDigit(bytes[at + 1]) ? octal3(code) : `\\${code.toString(8)}`;
  }
  return `"${text}"`;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '7';
}

function octal3(code: number): string {
  return `\\${code.toString(8).padStart(3, '0')}`;
}

/** Where things of the guest are, seen from the folder that a reproducer runs in. */
const PLACES = [
  [GUEST.merged, 'm'],
  [GUEST.beside, 'o'],
  [GUEST.proc, '/proc'],
  [GUEST.layers, ''],
] as const;

/** A path, or text with paths in it. */
export function placesIn(text: string): string {
  let placed = text;
  for (const [place, name] of PLACES) {
    const pattern = new RegExp(`(^|[=:,])${place}(/|(?=[:,]|$))`, 'g');
    placed = placed.replaceAll(pattern, (_, before: string, slash: string) => {
      if (name === '') return slash === '' ? `${before}.` : before;
      return `${before}${name}${slash}`;
    });
  }
  return placed;
}

export function octal(value: number): string {
  return value === 0 ? '0' : `0${value.toString(8)}`;
}

/** Bits by their names; what has none is a number. */
export function bitNames(table: Readonly<Record<string, number>>, value: number): string {
  let rest = value;
  const names: string[] = [];
  // Those of several bits first, as they contain others.
  const known = Object.entries(table).toSorted(([, a], [, b]) => countBits(b) - countBits(a));
  for (const [name, bits] of known) {
    if (bits === 0 || (rest & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest &= ~bits;
  }
  if (rest !== 0) names.push(`0x${(rest >>> 0).toString(16)}`);
  if (names.length > 0) return names.join(' | ');
  return Object.keys(table).find((name) => table[name] === 0) ?? '0';
}

function countBits(value: number): number {
  return value
    .toString(2)
    .split('')
    .filter((bit) => bit === '1').length;
}
