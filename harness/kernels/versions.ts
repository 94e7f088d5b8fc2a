/** Debian's order of versions: digits as numbers, `~` before all, letters before the rest. */
export function compareVersions(left: string, right: string): number {
  const lefts = partsOf(left);
  const rights = partsOf(right);
  for (let index = 0; index < Math.max(lefts.length, rights.length); index += 1) {
    const order = compareParts(lefts[index] ?? '', rights[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Alternates text and digits, and begins with text, which may be empty. */
function partsOf(version: string): readonly string[] {
  return version.split(/(\d+)/);
}

function compareParts(left: string, right: string): number {
  if (/^\d/.test(left) || /^\d/.test(right)) return Number(left) - Number(right);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = rankOf(left[index]) - rankOf(right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function rankOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[a-zA-Z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** Whether a version begins with a prefix that ends where one of its numbers ends. */
export function hasVersionPrefix(version: string, prefix: string): boolean {
  return version.startsWith(prefix) && !/^\d/.test(version.slice(prefix.length));
}

/** The first two numbers of a version, as kernels are asked for. */
export function seriesOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}
