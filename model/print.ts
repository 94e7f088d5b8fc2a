import type { Content } from './sparse.ts';

/** Bytes as strace quotes them. */
export function quote(bytes: string | Content): string {
  const shown = typeof bytes === 'string' ? bytes.slice(0, QUOTED_MAX) : bytes.bytes(0, QUOTED_MAX);
  const escaped = shown.replaceAll(/[^ -~]|["\\]/g, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return bytes.length > QUOTED_MAX ? `"${escaped}"... (${bytes.length} bytes)` : `"${escaped}"`;
}

const QUOTED_MAX = 48;

export function printFlags(flags: readonly string[]): string {
  return flags.length === 0 ? '0' : flags.join('|');
}

export function printPosition(offset: number | null): string {
  return offset === null ? 'NULL' : `[${offset}]`;
}
