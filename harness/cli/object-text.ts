import type { ObjectCoverage } from '../object-tally.ts';

/** Whoever wants more reads the document. */
const MISSING_SHOWN = 5;

export function objectText({ possible, met, missing }: ObjectCoverage): readonly string[] {
  if (met === 0) return [];
  const percent = Math.floor((100 * met) / possible);
  const lines = [
    `${met} of ${possible} combinations of call, object state and options met (${percent} %)`,
  ];
  const shown = missing.slice(0, MISSING_SHOWN);
  if (shown.length > 0) lines.push('  likely, and yet never met:');
  for (const { use, state, options, expected } of shown) {
    lines.push(`    ${use}, ${state} (${options} options); ${expected} times by chance`);
  }
  return lines;
}
