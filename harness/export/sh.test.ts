import { expect, test } from 'vitest';
import { OPS } from '../../model/ops/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { reproducerOf } from './reproducer.ts';
import { exportSh } from './sh.ts';
import { writableOps } from './sh-steps.ts';

const RELEASE = '6.18';
/** Steps for which there are commands; C has them all. */
const WRITABLE = 40;

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

test('file systems are made by their tools, and parameters are given back', () => {
  const elsewhere: Scenario = {
    ...SCENARIO,
    base: 'ext4',
    otherBases: ['squashfs'],
    layers: SCENARIO.layers.map((layer) => (layer.role === 'lower' ? { ...layer, on: 1 } : layer)),
    parameters: { index: true },
  };
  const lines = exportSh(reproducerOf(elsewhere, RELEASE)).split('\n');
  const setUp = lines.slice(lines.indexOf('enter'), lines.indexOf('works mount_overlay'));
  const made = setUp.filter((line) => /^(setup|cd|set_parameter|make_file)/.test(line));
  expect(made.map((line) => line.slice(0, 78))).toMatchInlineSnapshot(`
    [
      "setup truncate -s 8M /tmp/0.img",
      "setup mke2fs -q -F -t ext4 -b 4096 -m 0 -U 00000000-0000-4000-8000-00000000000",
      "setup mount -t ext4 -o loop,noatime,nodev /tmp/0.img /tmp/repro",
      "setup rmdir /tmp/repro/lost+found",
      "setup touch /tmp/repro",
      "cd /tmp/repro",
      "setup mkdir f1 /tmp/f1",
      "setup chmod 0755 f1 /tmp/f1",
      "make_file /tmp/f1/l0/d/f 0600 0:0",
      "setup touch -d @1000000000 /tmp/f1",
      "setup mksquashfs /tmp/f1 /tmp/1.img -noappend -quiet -no-progress >/dev/null",
      "setup mount -t squashfs -o loop,ro,noatime,nodev /tmp/1.img f1",
      "set_parameter index Y",
    ]
  `);
});

test('what has no command is refused, and which step it is', () => {
  const others = Object.keys(OPS).filter((op) => !writableOps().includes(op));
  expect([...writableOps(), 'remount'].filter((op) => op in OPS)).toHaveLength(WRITABLE);
  expect(others).toContain('mmap');
  const steps = [{ op: 'fsync', args: { fd: 0 } }] as const;
  expect(() => exportSh(reproducerOf({ ...SCENARIO, steps }, RELEASE))).toThrow(/step 1, fsync/);
});
