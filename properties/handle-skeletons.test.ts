import { expect, test } from 'vitest';
import { mayLoseMachine } from '../model/overlay/damage.ts';
import { withEpilogue } from '../model/scenario.ts';
import { resolveProfile } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { scenarioAt } from './scenarios.ts';

const PAIR = 'redirect_dir=on,index=on,metacopy=on,nfs_export=on';
const BASES = ['tmpfs', 'tmpfs,squashfs'] as const;
const SCENARIOS = 300;
/** A campaign of some minutes needs no more to find what is wrong with one. */
const TIMES = 3;

test.each(BASES)(
  'handles of files with attributes only are opened in all states, on %s',
  (base) => {
    const semantics = resolveProfile('proposal/nfs-export-with-metacopy', 'linux-6.1');
    const met = new Map<string, number>();
    for (let index = 0; index < SCENARIOS; index++) {
      const wishes = { options: PAIR, stepCount: 30, base, release: '6.1' };
      const scenario = withEpilogue(scenarioAt(1, index, wishes));
      const trace = simulate(scenario, semantics, USUAL_ENVIRONMENT);
      const rules = new Set(trace.flatMap((step) => step.rules));
      for (const rule of rules) met.set(rule, (met.get(rule) ?? 0) + 1);
    }
    const states = [
      ...['handle/of-metacopy', 'handle/of-lower-metacopy', 'handle/of-metacopy-over-metacopy'],
      ...['handle/of-nameless-metacopy', 'handle/of-metacopy-of-moved', 'handle/linked-with-data'],
    ];
    const seldom = states.filter((state) => (met.get(state) ?? 0) < TIMES);
    expect(seldom, `states met by less than ${TIMES} of ${SCENARIOS} scenarios`).toEqual([]);
  },
);

test('handles are damaged, and never so that a machine may be lost', () => {
  const wishes = { options: 'index=on,nfs_export=on', stepCount: 30, base: 'xfs', release: '6.1' };
  const scenarios = Array.from({ length: SCENARIOS }, (_, index) => scenarioAt(1, index, wishes));
  const damages = scenarios.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.op === 'openHandle' ? [step.args.damage] : [])),
  );
  expect(damages.filter((damage) => damage !== 'none').length).toBeGreaterThan(SCENARIOS / 10);
  expect(damages.filter(mayLoseMachine)).toEqual([]);
});
