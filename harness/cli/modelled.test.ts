import { expect, test } from 'vitest';
import type { Scenario } from '../../model/scenario.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { refuseUnmodelled, refuseUnmodelledIn } from './modelled.ts';

test.each(['ro', 'metacopy=on,ro'])('a mount with %s is refused', (option) => {
  expect(() => {
    refuseUnmodelled(option, '6.18.0');
  }).toThrow('ro is not modelled');
});

test.each([DEFAULT_OPTIONS, '', 'uuid=off', 'metacopy=on,verity=on', 'nonsense=1'])(
  'a mount with %j is not',
  (options) => {
    expect(() => {
      refuseUnmodelled(options, '6.18.0');
    }).not.toThrow();
  },
);

test('a mount between two is looked at as well', () => {
  const args = { options: 'ro', lowers: 'as they are' } as const;
  const scenario: Scenario = {
    base: 'tmpfs',
    layers: [
      { role: 'upper', entries: [] },
      { role: 'lower', entries: [] },
    ],
    options: DEFAULT_OPTIONS,
    steps: [{ op: 'mountOther', args }],
  };
  expect(() => {
    refuseUnmodelledIn(scenario, '6.18.0');
  }).toThrow('mount options: ro is');
  expect(() => {
    refuseUnmodelledIn({ ...scenario, steps: [] }, '6.18.0');
  }).not.toThrow();
});
