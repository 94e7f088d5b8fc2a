import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { inPlaceOfSome } from './in-place.ts';
import { randomAt } from './random.ts';
import type { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SHARE = { scenariosPercent: 12, stepsMax: 4 };
const STREAM = 0x3000_0000;

/** Calls that are made seldom, and a rare way to make a usual one. */
const CALLS = wheel<OpName>([
  ['strictRead', 5],
  ['openLeased', 10],
  ['fsIoctl', 4],
  ['dedupe', 7],
  ['fallocate', 2],
  ['statfs', 1],
  ['openMadeHandle', 5],
]);

/** Those that nothing else draws. */
export const RARE_CALLS: ReadonlySet<OpName> = new Set<OpName>([
  'strictRead',
  'openLeased',
  'fsIoctl',
  'dedupe',
  'openMadeHandle',
]);

/** Puts such calls in the place of some steps; most scenarios are left as they are. */
export function withRareCalls(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  return inPlaceOfSome(random, scenario, SHARE, (scope, { old, isChosen }) => {
    const call = drawCall(scope);
    const isCall = isChosen && old.op !== 'open';
    // What mounts is not done by just anybody.
    const as = old.as === undefined || call.op === 'strictRead' ? {} : { as: old.as };
    return isCall ? { ...call, ...as } : old;
  });
}

function drawCall(scope: Scope): Step {
  const { random } = scope;
  const op = spin(random, CALLS);
  // Drawn by the table of this very operation.
  const step = { op, args: drawArgs(scope, op) } as unknown as Step;
  switch (step.op) {
    case 'fallocate': {
      const offset = pick(random, [0, 0, 4096, 8192, 100]);
      const length = pick(random, [4096, 4096, 8192, 100]);
      const flags = ['FALLOC_FL_INSERT_RANGE'] as const;
      return { op: step.op, args: { ...step.args, flags, offset, length } };
    }
    case 'openLeased': {
      const own = scope.pathOf(step.args.fd);
      const path = own !== null && chance(random, 75) ? own : scope.path('file');
      return { op: step.op, args: { ...step.args, path } };
    }
    case 'dedupe': {
      const fd = scope.fd('read');
      const toFd = chance(random, 40) ? fd : scope.fd('write');
      const isAtStart = chance(random, 80);
      const range = isAtStart
        ? { offset: 0, toOffset: 0, size: pick(random, [1, 1, 1, 5, 0]) }
        : {};
      return { op: step.op, args: { ...step.args, ...range, fd, toFd } };
    }
    case 'strictRead': {
      const path = scope.path('file', 'file', 'dir', 'other');
      return { op: step.op, args: { ...step.args, path } };
    }
    default:
      return step;
  }
}
