import type { FunctionRecord } from '../function-tally.ts';
import { OUT_OF_REACH } from '../out-of-reach.ts';

/** What a campaign ran of the functions of overlayfs, as `--json` shows it. */
export interface FunctionCoverage {
  readonly offered: number;
  readonly ran: number;
  /** Those that did not, with what keeps every scenario from them where that is known. */
  readonly never: readonly { readonly name: string; readonly why: string | null }[];
}

export function functionCoverage({ offered, ran }: FunctionRecord): FunctionCoverage {
  const isRan = new Set(ran);
  const never = offered
    .filter((name) => !isRan.has(name))
    .map((name) => ({ name, why: OUT_OF_REACH[name] ?? null }));
  return { offered: offered.length, ran: offered.length - never.length, never };
}

export function functionText(coverage: FunctionCoverage): readonly string[] {
  const { offered, ran, never } = coverage;
  const percent = Math.floor((100 * ran) / Math.max(offered, 1));
  const open = never.filter(({ why }) => why === null).map(({ name }) => name);
  const lines = [`${ran} of ${offered} functions of overlayfs ran (${percent} %)`];
  if (open.length > 0) lines.push(...wrapped('never:', open));
  const byWhy = Map.groupBy(never, ({ why }) => why);
  for (const [why, functions] of byWhy) {
    if (why !== null) lines.push(...wrapped(`${why}:`, namesOf(functions)));
  }
  return lines;
}

function namesOf(functions: FunctionCoverage['never']): readonly string[] {
  return functions.map(({ name }) => name);
}

const WIDTH = 100;

/** A heading and words, in lines that fit. */
function wrapped(heading: string, words: readonly string[]): readonly string[] {
  const lines = [`  ${heading}`];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`    ${word}`);
  }
  return lines;
}
