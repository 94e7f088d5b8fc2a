import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';
import type { RuleId } from './rules.ts';
import { profileOfRelease } from './semantics/resolve.ts';
import type { Semantics } from './semantics/semantics.ts';

// RULES is a literal: it has no other keys.
const ALL_RULES = Object.keys(RULES) as readonly (keyof typeof RULES)[];

/** What all scenarios of a campaign have in common. */
export interface Setting {
  /** A mount string, or `any`. */
  readonly options: string;
  /** File systems by name, or `any`. */
  readonly base: string;
}

/** The rules that some scenario can reach on a kernel. */
export function rulesOf(semantics: Semantics, setting: Setting): readonly RuleId[] {
  return ALL_RULES.filter((id) => holdsOn(RULES[id], semantics) && holdsWith(RULES[id], setting));
}

/** The same for what `uname -r` says; every rule when there is no such answer. */
export function rulesOfRelease(release: string | null, setting: Setting): readonly RuleId[] {
  const isVersion = release !== null && /^\d+\.\d+/.test(release);
  return isVersion ? rulesOf(profileOfRelease(release), setting) : ALL_RULES;
}

function holdsOn({ needs, lacks, where = {} }: Rule, semantics: Semantics): boolean {
  const { features, behaviour } = semantics;
  if (needs !== undefined && !features.has(needs)) return false;
  if (lacks !== undefined && features.has(lacks)) return false;
  const answers: Readonly<Record<string, string>> = { ...behaviour };
  return Object.entries(where).every(([question, answer]) => answers[question] === answer);
}

function holdsWith(rule: Rule, { options, base }: Setting): boolean {
  const given = options.split(',');
  const isSeveral = base === 'any' || base.includes(',');
  if (rule.isUndrawn === true) return false;
  if (rule.needsSeveral === true && !isSeveral) return false;
  const isOn = base === 'any' || (rule.on?.some((type) => base.split(',').includes(type)) ?? true);
  if (!isOn) return false;
  return options === 'any' || (rule.with?.some((option) => given.includes(option)) ?? true);
}
