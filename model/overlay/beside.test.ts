import { describe, expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';
import type { Taken } from './beside.ts';
import { Content } from '../sparse.ts';

const OFF = 'index=off,nfs_export=off';
const ON = 'index=on,nfs_export=off';

function traceOf(steps: readonly Step[], { hasUpper = true } = {}) {
  const layers = [
    ...(hasUpper ? ([{ role: 'upper', entries: [] }] as const) : []),
    { role: 'lower', entries: [{ path: 'd/a', type: 'file' }] },
    { role: 'lower', entries: [] },
  ] as const;
  const scenario = { base: 'tmpfs', layers, options: OFF, steps } as const;
  return simulate(scenario, resolveProfile('linux-6.18.44'), USUAL_ENVIRONMENT);
}

function beside(change: Extract<Step, { op: 'mountBeside' }>['args']['change'], path: string) {
  return { op: 'mountBeside', args: { options: OFF, change, path } } as const;
}

function busy(taken: Taken, options: string): Step {
  return { op: 'mountBusy', args: { taken, options } };
}

describe('an overlay beside the first one', () => {
  test('keeps its changes to itself', () => {
    const steps = [beside('unlink', 'd/a'), beside('create', 'b'), beside('write', 'd/a')];
    const trace = traceOf(steps);
    expect(trace.slice(1).map(({ result }) => result)).toEqual([
      { ok: true, value: 'mounted' },
      { ok: true, value: 'mounted' },
      { ok: true, value: 'mounted, ENOENT' },
    ]);
    const last = trace.at(-1);
    expect(last?.base.get('u9/d/a')?.node).toMatchObject({ type: 'chr' });
    expect(last?.base.get('u9/b')?.node).toMatchObject({ content: Content.of('beside') });
    expect(last?.base.has('u/d')).toBe(false);
    expect([...(last?.merged?.keys() ?? [])]).toEqual(['', 'd', 'd/a']);
  });

  test('leaves open what is open through the first one', () => {
    const open: Step = { op: 'open', args: { slot: 0, path: 'd/a', flags: ['O_RDWR'], mode: 0 } };
    const write: Step = { op: 'write', args: { fd: 0, bytes: 'x' } };
    const last = traceOf([open, beside('unlink', 'd/a'), write]).at(-1);
    expect(last?.result).toEqual({ ok: true, value: 1 });
    expect(last?.base.get('u/d/a')?.node).toMatchObject({ content: Content.of('x') });
  });
});

describe('layers of a mounted overlay', () => {
  test.each(['upper', 'work', 'upper and work', 'upper as lower'] as const)(
    'are not taken with an index: %s',
    (taken) => {
      expect(traceOf([busy(taken, ON)]).at(-1)?.result).toEqual({ ok: true, value: 'EBUSY' });
      expect(traceOf([busy(taken, OFF)]).at(-1)?.result).toEqual({ ok: true, value: 'mounted' });
    },
  );

  test('are free when it has no upper layer', () => {
    const trace = traceOf([busy('upper', ON)], { hasUpper: false });
    expect(trace.at(-1)?.result).toEqual({ ok: true, value: 'mounted' });
  });

  test('are refused before anything is done to the work directory', () => {
    const first = traceOf([]).at(-1)?.base.get('w/work')?.node;
    const taken = traceOf([busy('work', ON)])
      .at(-1)
      ?.base.get('u9');
    expect(first).toBeDefined();
    expect(taken).toBeDefined();
    expect(
      traceOf([busy('upper', ON)])
        .at(-1)
        ?.base.has('w9/work'),
    ).toBe(false);
    expect(
      traceOf([busy('upper as lower', ON)])
        .at(-1)
        ?.base.has('w9/work'),
    ).toBe(true);
  });
});
