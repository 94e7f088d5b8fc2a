import type { FunctionCoverage } from '../report/function-coverage.ts';

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
