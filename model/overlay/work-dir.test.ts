import { expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import { KERNELS } from '../semantics/kernels.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';
import type { Scenario } from '../scenario.ts';
import { VOLATILE_MARK } from './work-dir.ts';

const REMOUNT: Step = { op: 'remount', args: {} };
const MARK = `w/${VOLATILE_MARK}`;
const UNLINK: Step = { op: 'unlink', args: { path: 'a' } };

function traceOf(id: string, options: string, steps: readonly Step[], base: Scenario['base']) {
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ] as const;
  return simulate({ base, layers, options, steps }, resolveProfile(id), USUAL_ENVIRONMENT);
}

test.each(KERNELS.map(({ id }) => id))(
  'layers of a volatile mount are mounted once on %s',
  (id) => {
    const [first, second, ...rest] = traceOf(id, 'volatile', [REMOUNT, UNLINK], 'tmpfs');
    expect(first?.base.has(MARK)).toBe(true);
    expect(second?.result).toEqual({ ok: false, anyOf: ['EINVAL'] });
    expect(second?.base.has(MARK)).toBe(true);
    expect(rest).toEqual([]);
  },
);

test('a volatile mount between two is the last one', () => {
  const args = { options: 'fsync=volatile', lowers: 'as they are' } as const;
  const trace = traceOf('linux-6.18.44', '', [{ op: 'mountOther', args }, UNLINK], 'tmpfs');
  expect(trace.map(({ result }) => result.ok)).toEqual([true, false]);
});

test('what comes before the mark in the work directory is gone, if an order is known', () => {
  const onTmpfs = traceOf('linux-6.18.44', 'volatile', [UNLINK, REMOUNT], 'tmpfs').at(-1);
  expect(onTmpfs?.base.get('w/work')?.node).toMatchObject({ nlink: 3 });
  expect([...(onTmpfs?.base.keys() ?? [])].filter((path) => path.includes('#'))).toEqual([]);
  expect(onTmpfs?.isOrderOpen).toBeUndefined();
  const onExt4 = traceOf('linux-6.18.44', 'volatile', [UNLINK, REMOUNT], 'ext4').at(-1);
  expect(onExt4?.isOrderOpen).toBe(true);
});
