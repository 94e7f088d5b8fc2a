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
