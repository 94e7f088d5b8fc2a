import { expect, test } from 'vitest';
import { parseScenario } from '../harness/scenario-file.ts';
import { BASES, baseAt } from './option-bases.ts';
import { mountOfText, predictedMount } from './predicted-mount.ts';

test('every mount is another one, and can be stored', () => {
  const plans = Array.from({ length: BASES }, (_, index) => JSON.stringify(baseAt(index)));
  expect(new Set(plans).size).toBe(BASES);
  for (const [index, plan] of plans.entries()) {
    if (index % 7 === 0) expect(parseScenario(plan, 'plan')).toEqual(baseAt(index));
  }
  expect(() => baseAt(BASES)).toThrow(RangeError);
});

const ON_RAMFS = 'lowerdir=@l0 upperdir=@ramfs/u workdir=@ramfs/w';
const BUSY = 'lowerdir=@l0 upperdir=@busy/u workdir=@busy/w';

test.each([
  // Without xattrs the upper layer does without what needs them.
  ['6.18', ON_RAMFS, 'redirect_dir=on,index=on', 'rw redirect_dir=nofollow,uuid=null'],
  ['6.1', ON_RAMFS, 'redirect_dir=on,index=on', 'rw redirect_dir=on'],
  ['6.1', ON_RAMFS, 'xino=auto', 'rw '],
  ['5.10', ON_RAMFS, 'xino=auto', 'rw xino=auto'],
  // Handles of a lower layer that nobody decodes.
  ['6.18', 'lowerdir=@ramfs/l upperdir=@u workdir=@w', 'index=on', 'rw uuid=on'],
  ['6.18', 'lowerdir=@ramfs/l upperdir=@u workdir=@w', 'nfs_export=on', 'rw uuid=on'],
  ['6.18', 'lowerdir=@other/l upperdir=@u workdir=@w', 'index=on', 'rw index=on,uuid=on'],
  // An overlay may be a lower layer once, and never an upper one.
  ['6.18', 'lowerdir=@ovl/l upperdir=@u workdir=@w', '', 'rw uuid=on'],
  ['6.18', 'lowerdir=@ovl2/l upperdir=@u workdir=@w', '', 'EINVAL'],
  ['6.18', 'lowerdir=@l0 upperdir=@ovl/u workdir=@ovl/w', '', 'EINVAL'],
  ['6.18', 'lowerdir=@l0 upperdir=@ro/u workdir=@ro/w', '', 'EINVAL'],
  ['5.10', 'lowerdir=@l0 upperdir=@ro/u workdir=@ro/w', '', 'EROFS'],
  // What another overlay writes to matters to an index alone.
  ['6.18', BUSY, '', 'rw '],
  ['6.18', BUSY, 'index=on', 'EBUSY'],
  ['6.18', BUSY, 'nfs_export=on', 'EBUSY'],
  ['6.18', 'lowerdir=@busy/u upperdir=@u workdir=@w', 'index=on', 'EBUSY'],
  ['6.18', 'lowerdir=@busy/u/in upperdir=@u workdir=@w', 'index=on', 'EBUSY'],
  ['6.18', 'lowerdir=@busy/l upperdir=@u workdir=@w', 'index=on', 'rw index=on,uuid=on'],
  // What is left in the work directory.
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@w-incompatible', '', 'EINVAL'],
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@w-compatible', '', 'rw uuid=on'],
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@w-deep', 'index=on', 'ro uuid=on'],
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@w-file', '', 'rw uuid=on'],
])('%s with %s and %j', (release, text, options, expected) => {
  const mounted = predictedMount(release, mountOfText(text, options));
  const shown = mounted.ok
    ? `${mounted.value.view.layers[0] ?? ''} ${mounted.value.view.options.join()}`
    : mounted.anyOf.join();
  expect(shown).toBe(expected);
});
