import type { Kernel } from '../harness/kernel.ts';
import type { Step } from '../model/ops/index.ts';
import type { Checked } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { KERNELS } from '../model/semantics/kernels.ts';
import { resolveProfile } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { lockstep } from './lockstep.ts';
import type { Property } from './property.ts';
import { ALPHABET, SMALL_WORLDS } from './small-worlds.ts';
import { stateKey } from './state-key.ts';

/** At most; one more step, any of the alphabet, comes after them. */
const PREFIX_STEPS = 2;
const TOGETHER = 4;
/** From one scenario to the next: a part of the list has something of every world. A prime. */
const STRIDE = 7_919;

/** Steps that lead to a state to which none before led. */
interface Prefix {
  readonly world: Scenario;
  readonly steps: readonly Step[];
}

let listed: readonly Prefix[] | null = null;

/** Worked out once, and only where it is asked for. */
function prefixes(): readonly Prefix[] {
  listed ??= SMALL_WORLDS.flatMap((world) =>
    distinctPrefixes(world).map((steps) => ({ world, steps })),
  );
  return listed;
}

export const exhaustive: Property = {
  name: 'exhaustive',
  says: `All that up to ${PREFIX_STEPS + 1} steps can do in small worlds is as the model predicts.`,
  list: {
    get count() {
      return prefixes().length * ALPHABET.length;
    },
    together: TOGETHER,
    check: (scenarios: readonly Scenario[], kernel: Kernel): Promise<readonly Checked[]> =>
      Promise.all(scenarios.map((scenario) => lockstep.check(scenario, kernel))),
  },
  scenarioAt: (_, index) => listedAt(index),
  check: (scenario, kernel) => lockstep.check(scenario, kernel),
};

function listedAt(index: number): Scenario {
  const all = prefixes();
  const count = all.length * ALPHABET.length;
  const at = index < count ? (index * STRIDE) % count : count;
  const prefix = all[Math.floor(at / ALPHABET.length)];
  const last = ALPHABET[at % ALPHABET.length];
  if (prefix === undefined || last === undefined) throw new RangeError(`no scenario ${index}`);
  return { ...prefix.world, steps: [...prefix.steps, last] };
}

/**
 * Sequences of no steps and of some, but of those that lead to one state only the first. States
 * are those of the newest kernel, so that the list is the same for all.
 */
export function distinctPrefixes(
  world: Scenario,
  { alphabet = ALPHABET, length = PREFIX_STEPS } = {},
): readonly (readonly Step[])[] {
  const seen = new Set<string>();
  const all: (readonly Step[])[] = [[]];
  isNew(world, seen);
  // Grows while it is gone through: those that are too long add nothing.
  for (const prefix of all) {
    if (prefix.length === length) break;
    for (const step of alphabet) {
      const steps = [...prefix, step];
      if (isNew({ ...world, steps }, seen)) all.push(steps);
    }
  }
  return all;
}

/** Whether nothing before led to the state that a scenario ends in. */
function isNew(scenario: Scenario, seen: Set<string>): boolean {
  const before = seen.size;
  simulate(scenario, NEWEST, USUAL_ENVIRONMENT, {
    // What ends before its last step leads nowhere.
    ended: (world, last) => {
      seen.add(stateKey(world, last));
    },
  });
  return seen.size > before;
}

const NEWEST: Semantics = resolveProfile(KERNELS.at(-1)?.id ?? KERNELS[0].id);
