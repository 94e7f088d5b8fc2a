import { expect, test } from 'vitest';
import type { Scenario } from '../../model/scenario.ts';
import { exportFstests, goldenOutput } from './fstests.ts';
import { reproducerOf } from './reproducer.ts';

const RELEASE = '6.18';
const NAME = '900-exdev';

const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'd/f', type: 'file', mode: 0o600 }] },
    { role: 'lower', entries: [] },
  ],
  options: 'redirect_dir=off,index=on',
  steps: [
    { op: 'rename', args: { from: 'd', to: 'e', flags: [] } },
    { op: 'readlink', args: { path: 'd/f', size: 9 }, as: 'alice' },
  ],
};

test('a case says what it is about and what it needs', () => {
  const reproducer = reproducerOf(SCENARIO, RELEASE);
  const text = exportFstests(reproducer, NAME);
  expect(text.slice(0, text.indexOf('setup()'))).toMatchInlineSnapshot(`
    "#! /bin/bash
    # SPDX-License-Identifier: MIT
    #
    # FS QA Test 900-exdev
    #
    # A reproducer for overlayfs, which expects what linux-6.18 is to do:
    #   renameat2(AT_FDCWD, "d", AT_FDCWD, "e", 0) = -1 EXDEV
    #   alice: readlinkat(AT_FDCWD, "d/f", ..., 9) = -1 EINVAL

    . ./common/preamble
    _begin_fstest auto quick

    # Import common functions.
    . ./common/attr

    case "$OVL_BASE_FSTYP" in
    tmpfs | ext4 | xfs) ;;
    *) _notrun "the layers should be on tmpfs or ext4 or xfs" ;;
    esac

    # The case looks at the layers itself.
    _require_scratch_nocheck
    _require_scratch_overlay_features index
    _require_attrs trusted
    _require_command "$PERL_PROG" perl
    _require_command "$(type -P setpriv)" setpriv

    # What has to work before there is anything to see
    "
  `);
  expect(text).toContain('_overlay_scratch_mount_dirs "$lowerdir0:$lowerdir1" $upperdir $workdir');
});

test('steps print what is in the golden output', () => {
  const reproducer = reproducerOf(SCENARIO, RELEASE);
  const text = exportFstests(reproducer, NAME);
  const steps = text.slice(text.indexOf('\nmount_overlay\n'), text.indexOf('begin 3'));
  expect(steps).toMatchInlineSnapshot(`
    "
    mount_overlay

    begin 1
    echo '1 renameat2(AT_FDCWD, "d", AT_FDCWD, "e", 0)'
    tell rename_to $SCRATCH_MNT/d $SCRATCH_MNT/e

    begin 2
    echo '2 alice: readlinkat(AT_FDCWD, "d/f", ..., 9)'
    tell as_user 1000 1000 readlink -v $SCRATCH_MNT/d/f
    look

    next 3
    echo '3 drop caches'
    tell drop_caches

    begin 4
    echo '4 umount2(".", 0), mount("overlay", ".", ...)'
    $UMOUNT_PROG $SCRATCH_MNT
    mount_overlay
    look

    # success, all done
    status=0
    exit"
  `);
  const golden = goldenOutput(reproducer, NAME).split('\n');
  expect(golden.slice(0, 7)).toMatchInlineSnapshot(`
    [
      "QA output created by 900-exdev",
      "1 renameat2(AT_FDCWD, "d", AT_FDCWD, "e", 0)",
      "   EXDEV",
      "2 alice: readlinkat(AT_FDCWD, "d/f", ..., 9)",
      "   EINVAL",
      "lower0 dir 0755 0:0 nlink=3 atime=1000000500 mtime=1000000000 ctime=step0 ino=4",
      "lower0/d dir 0755 0:0 nlink=2 atime=1000000501 mtime=1000000001 ctime=step0 ino=2",
    ]
  `);
});

test('a case says on which file systems it is the same', () => {
  const withDevice: Scenario = { ...SCENARIO, steps: [] };
  const text = exportFstests(reproducerOf(withDevice, RELEASE), NAME);
  // A directory of btrfs has one link.
  expect(text).toContain('tmpfs | ext4 | xfs) ;;');
});

test('names, file systems and steps that the suite does not have are refused', () => {
  const refused = (scenario: Scenario, name = NAME): (() => string) => {
    return () => exportFstests(reproducerOf(scenario, RELEASE), name);
  };
  expect(refused(SCENARIO, 'finding')).toThrow(/a number such as 900: finding/);
  expect(refused({ ...SCENARIO, otherBases: ['tmpfs'] })).toThrow(/one file system/);
  expect(refused({ ...SCENARIO, base: 'erofs' })).toThrow(/no layers on erofs/);
  const steps = [{ op: 'fsync', args: { fd: 0 } }] as const;
  expect(refused({ ...SCENARIO, steps })).toThrow(/step 1, fsync/);
});
