import { RULES } from '../../model/rules.ts';
import { rulesOfRelease } from '../../model/rules-of.ts';
import type { CampaignRecord } from './campaign-record.ts';

/** What campaigns have to do with a rule. */
export interface RuleUse {
  readonly id: string;
  readonly says: string;
  readonly source: string;
  /** How many of the campaigns can reach it at all. */
  readonly reachableIn: number;
  readonly uses: number;
}

/** Every rule, and how often campaigns relied on it. */
export function ruleUses(records: readonly CampaignRecord[]): readonly RuleUse[] {
  const reachable = records.map(
    ({ release, options, base }) => new Set<string>(rulesOfRelease(release, { options, base })),
  );
  return Object.entries(RULES).map(([id, { says, source }]) => ({
    ...{ id, says, source },
    reachableIn: reachable.filter((rules) => rules.has(id)).length,
    uses: records.reduce((sum, { tally }) => sum + (tally.rules[id] ?? 0), 0),
  }));
}

/** How many of the rules that some of the campaigns can reach were reached in one that can. */
export function coverageOfRecords(records: readonly CampaignRecord[]): {
  readonly total: number;
  readonly reached: number;
} {
  const total = new Set<string>();
  const reached = new Set<string>();
  for (const { release, options, base, tally } of records) {
    for (const id of rulesOfRelease(release, { options, base })) {
      total.add(id);
      if (id in tally.rules) reached.add(id);
    }
  }
  return { total: total.size, reached: reached.size };
}
