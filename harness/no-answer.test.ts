import { expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { refuseToLose } from './no-answer.ts';

const SCENARIO: Scenario = {
  ...{ base: 'xfs', layers: [], options: 'index=on,nfs_export=on' },
  steps: [
    { op: 'encodeHandle', args: { handle: 0, path: 'a', flags: [], size: 128 } },
    {
      op: 'openHandle',
      args: { slot: 0, handle: 0, flags: [], damage: { byte: 38, flip: 128 } },
    },
  ],
};

test('only a machine of our own may be lost', () => {
  expect(() => {
    refuseToLose(SCENARIO, true);
  }).not.toThrow();
  expect(() => {
    refuseToLose(SCENARIO, false);
  }).toThrow('in a VM of our own');
  expect(() => {
    refuseToLose({ ...SCENARIO, steps: SCENARIO.steps.slice(0, 1) }, false);
  }).not.toThrow();
});
