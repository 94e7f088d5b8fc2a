import { expect, test } from 'vitest';
import { OPS } from '../../model/ops/index.ts';
import type { OpName } from '../../model/ops/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { withOtherMounts } from '../../properties/other-mounts.ts';
import { DEFAULT_OPTIONS, scenarioAt } from '../../properties/scenarios.ts';
import { exportC } from './c.ts';
import { reproducerOf } from './reproducer.ts';

const RELEASE = '6.18';
const SAMPLE = 1000;

const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    {
      role: 'lower',
      entries: [{ path: 'd/f', type: 'file', pieces: [{ at: 0, text: 'a"\x007' }] }],
    },
  ],
  options: 'redirect_dir=off,index=off',
  steps: [
    { op: 'rename', args: { from: 'd', to: 'e', flags: [] } },
    { op: 'open', args: { slot: 1, path: 'd/f', flags: ['O_RDWR'], mode: 0 } },
    { op: 'pread', args: { fd: 1, size: 9, offset: 0 } },
    { op: 'close', args: { fd: 1 }, as: 'alice' },
  ],
};

test('steps are calls that say what is expected of them', () => {
  const text = exportC(reproducerOf(SCENARIO, RELEASE));
  const main = text.slice(text.indexOf('int main'), text.indexOf('\texpect_state'));
  expect(main.replaceAll('\t', '  ')).toMatchInlineSnapshot(`
    "int main(void)
    {
      enter();
      setup(mount("tmpfs", "/tmp/repro", "tmpfs", MS_NOATIME | MS_NODEV, "mode=755,size=64m"));
      setup(chdir(TOP));
      next(0);
      make_layers();
      works(mount("overlay", "m", "overlay", MS_NODEV | MS_NOATIME, OPTIONS));

      begin(1);
      fails(renameat2(AT_FDCWD, "m/d", AT_FDCWD, "m/e", 0), EXDEV);

      begin(2);
      take(1, works(openat(AT_FDCWD, "m/d/f", O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)));

      begin(3);
      works(pread(fd[1], buffer, 9, 0));
      holds("a\\"\\0007");

      begin(4);
      /* alice: close(fd1) */
      as_user(1000, 1000);
      works(shut(1));
      as_user(0, 0);

    "
  `);
  expect(text).toContain(String.raw`fill("l0/d/f", 0, "a\"\0007");`);
  expect(text).not.toContain('inotify');
});

test('every kind of step can be written in C but a crash', () => {
  const written = new Set<OpName>();
  for (let index = 0; index < SAMPLE; index++) {
    const wishes = { options: DEFAULT_OPTIONS, stepCount: 60, release: RELEASE };
    const scenario = withOtherMounts(3, index, wishes, scenarioAt(3, index, wishes));
    const isNew = scenario.steps.some(({ op }) => !written.has(op));
    // Refused: cp(1) without xattrs keeps access control lists with the mode.
    const hasAcls = JSON.stringify(scenario).includes('posix_acl');
    if (!isNew || hasAcls || scenario.mounter !== undefined) continue;
    exportC(reproducerOf(scenario, RELEASE));
    for (const { op } of scenario.steps) written.add(op);
  }
  const others = Object.keys(OPS).filter((op) => !written.has(op as OpName));
  const ofDevices = ['crash', 'failDevice', 'repairDevice', 'secondMount', 'nfsMount'];
  ofDevices.push('fillUp', 'makeRoom');
  const outside = ['Open', 'Write', 'Sync', 'Read', 'Close'].map((call) => `outside${call}`);
  expect(others.toSorted()).toEqual([...ofDevices, ...outside, 'sync'].toSorted());
  const synced = { ...SCENARIO, steps: [{ op: 'sync', args: {} }] } as const;
  expect(exportC(reproducerOf(synced, RELEASE))).toContain('sys(sync)');
  const steps = [{ op: 'crash', args: { journal: 'dropped' } }] as const;
  expect(() => exportC(reproducerOf({ ...SCENARIO, steps }, RELEASE))).toThrow(/step 1, ioctl/);
});
