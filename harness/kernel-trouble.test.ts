import { expect, test } from 'vitest';
import { titleOf, troubleIn, troubleOf, watchForTrouble } from './kernel-trouble.ts';
import type { Trouble } from './kernel-trouble.ts';

test.each([
  ['[ 1.0] Kernel panic - not syncing: sysrq triggered crash', 'panic'],
  ['[ 1.0] Kernel panic - not syncing: kernel: panic_on_warn set ...', 'warning'],
  ['[ 1.0] Kernel panic - not syncing: hung_task: blocked tasks', 'hung'],
  ['[ 1.0] BUG: kernel NULL pointer dereference, address: 0000000000000008', 'panic'],
  ['[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [init:1]', 'hung'],
  ['[ 1.0] INFO: task init:1 blocked for more than 20 seconds.', 'hung'],
  ['[ 1.0] WARNING: CPU: 0 PID: 1 at fs/overlayfs/copy_up.c:900 ovl_copy_up', 'warning'],
  ['[ 1.0] WARNING: possible circular locking dependency detected', 'warning'],
  ['[ 1.0] overlayfs: upper fs does not support tmpfile.', null],
  ['[ 1.0] NMI watchdog: Perf NMI watchdog permanently disabled', null],
  ['[ 1.0] Yama: disabled by default; enable with sysctl kernel.yama.*', null],
])('%s: %s', (line, kind) => {
  expect(troubleIn(line)).toBe(kind);
});

test('a warning that ends in a panic is a warning, told from the log printed again', () => {
  const trouble = troubleOf([
    '[ 9.0] Kernel panic - not syncing: kernel: panic_on_warn set ...',
    '[ 9.0] Call Trace:',
    '[ 0.0] Linux version 6.12.107',
    '[ 0.1] devtmpfs: initialized',
    '[ 8.9] WARNING: CPU: 0 PID: 1 at fs/overlayfs/dir.c:1 ovl_rename',
    '[ 9.0] Kernel panic - not syncing: kernel: panic_on_warn set ...',
  ]);
  expect(trouble?.kind).toBe('warning');
  expect(trouble?.report.split('\n')).toEqual([
    '[ 0.0] Linux version 6.12.107',
    '[ 0.1] devtmpfs: initialized',
    '[ 8.9] WARNING: CPU: 0 PID: 1 at fs/overlayfs/dir.c:1 ovl_rename',
    '[ 9.0] Kernel panic - not syncing: kernel: panic_on_warn set ...',
  ]);
});

test('an oops that ends in a panic stays a panic', () => {
  const trouble = troubleOf([
    '[ 1.0] BUG: kernel NULL pointer dereference, address: 0000000000000008',
    '[ 1.0] WARNING: in the middle of it',
    '[ 1.1] Kernel panic - not syncing: Fatal exception',
  ]);
  expect(trouble?.kind).toBe('panic');
});

test('a report is told once, with what came before it, when the console ends', () => {
  const told: Trouble[] = [];
  const watch = watchForTrouble((trouble) => told.push(trouble));
  watch.onLine('[ 1.0] overlayfs: something before');
  watch.onLine('[ 1.1] WARNING: CPU: 0 PID: 1 at fs/x.c:1');
  watch.onLine('[ 1.1] Call Trace:');
  expect(told).toEqual([]);
  watch.onEnd();
  watch.onEnd();
  watch.onLine('[ 1.2] WARNING: another');
  expect(told).toHaveLength(1);
  expect(told[0]?.report.split('\n')).toHaveLength(3);
});

test('a quiet log tells nothing', () => {
  const told: Trouble[] = [];
  const watch = watchForTrouble((trouble) => told.push(trouble));
  watch.onLine('[ 1.0] overlayfs: null uuid detected in lower fs');
  watch.onEnd();
  expect(told).toEqual([]);
});

test('a report is called by its complaint, the same at each boot', () => {
  const report = [
    '[   12.222319] raid6: avx2x4   gen()   356 MB/s',
    '[   16.459969] BUG: Dentry 00000000f305e732{i=5,n=b}  still in use (18)',
    '[   16.460730] WARNING: CPU: 0 PID: 1 at fs/dcache.c:1683 umount_check.cold+0x2f/0x3b',
  ].join('\n');
  expect(titleOf(report)).toBe('BUG: Dentry ADDRESS{i=5,n=b}  still in use (18)');
  expect(titleOf('nothing in it')).toBe('nothing in it');
});
