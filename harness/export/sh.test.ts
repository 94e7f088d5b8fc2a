import { expect, test } from 'vitest';
import { OPS } from '../../model/ops/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { reproducerOf } from './reproducer.ts';
import { exportSh } from './sh.ts';
import { writableOps } from './sh-steps.ts';

const RELEASE = '6.18';
/** Steps for which there are commands; C has them all. */
const WRITABLE = 38;

const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    {
      role: 'lower',
      entries: [{ path: 'd/f', type: 'file', mode: 0o600, pieces: [{ at: 0, text: "a'b\n" }] }],
    },
  ],
  options: 'redirect_dir=off,index=off',
  steps: [
    { op: 'rename', args: { from: 'd', to: 'e', flags: [] } },
    { op: 'open', args: { slot: 1, path: 'd/f', flags: ['O_RDWR'], mode: 0 } },
    { op: 'read', args: { fd: 1, size: 9 } },
    { op: 'unlink', args: { path: 'd/f' }, as: 'alice' },
    { op: 'offlineChmod', args: { layer: 'upper', path: 'd', mode: 0o700 } },
  ],
};

test('steps are commands that say what is expected of them', () => {
  const text = exportSh(reproducerOf(SCENARIO, RELEASE));
  const steps = text.slice(text.indexOf('works mount_overlay'), text.indexOf('expect_state <<'));
  expect(steps).toMatchInlineSnapshot(`
    "works mount_overlay

    begin 1
    fails EXDEV rename_to m/d m/e

    begin 2
    works opens 11 '<>' m/d/f

    begin 3
    prints '"a'\\''b\\x0a"' reads 11 9

    begin 4
    fails EACCES as_user 1000 1000 unlink m/d/f

    begin 5
    closes 11
    works umount m
    works chmod 00700 u/d
    works mount_overlay

    "
  `);
  expect(text).toContain(String.raw`fill l0/d/f 0 'a'\''b\0012'`);
  expect(text).not.toContain('truncate_to()');
});

test('what has no command is refused, and which step it is', () => {
  const others = Object.keys(OPS).filter((op) => !writableOps().includes(op));
  expect([...writableOps(), 'remount'].filter((op) => op in OPS)).toHaveLength(WRITABLE);
  expect(others).toContain('mmap');
  const steps = [{ op: 'fsync', args: { fd: 0 } }] as const;
  expect(() => exportSh(reproducerOf({ ...SCENARIO, steps }, RELEASE))).toThrow(/step 1, fsync/);
});
