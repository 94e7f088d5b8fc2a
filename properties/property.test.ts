import { expect, test } from 'vitest';
import type { Difference } from '../model/observation.ts';
import { harmOf } from './property.ts';

const differing = (field: string, predicted = '"x"', observed = '"\\x00"'): Difference => ({
  ...{ step: 1, at: field, field, predicted, observed },
});

test('what is shown wrong is one harm, whichever call shows it', () => {
  const read = harmOf([differing('result')]);
  const dump = harmOf([differing('merged st_blocks'), differing('merged content')]);
  expect(dump).toBe(read);
});

test('what is wrong in layers is told apart by marks and data, not by sizes and times', () => {
  const lost = [differing('base content'), differing('base xattr trusted.overlay.metacopy')];
  const shown = [...lost, differing('merged content'), differing('base st_mtime')];
  expect(harmOf(shown)).toBe(harmOf(lost));
  expect(harmOf([...lost, differing('base xattr trusted.overlay.redirect')])).not.toBe(
    harmOf(lost),
  );
  expect(harmOf(lost)).not.toBe(harmOf([differing('merged content')]));
});

test('a call that fails is no harm that others could show', () => {
  expect(harmOf([differing('result errno', 'EIO', '0')])).toBeNull();
  expect(harmOf([differing('result', 'fd', '-1 ESTALE')])).toBeNull();
});
