import { expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { DEFAULT_OPTIONS, scenarioAt } from './scenarios.ts';

const COUNT = 600;
const NOFOLLOW = DEFAULT_OPTIONS.replace('redirect_dir=off', 'redirect_dir=nofollow');
const USERXATTR = `${NOFOLLOW},userxattr`;

const TRUSTED = drawn(DEFAULT_OPTIONS);
const USER = drawn(USERXATTR);

test('files are whiteouts in every layer, and directories of each say that they hold some', () => {
  for (const role of ['upper', 'lower'] as const) {
    const names = TRUSTED.flatMap(({ layers }) =>
      layers.filter((layer) => layer.role === role).flatMap(namesAndValues),
    );
    expect(names).toEqual(expect.arrayContaining(['trusted.overlay.whiteout=']));
    expect(names).toEqual(expect.arrayContaining(['trusted.overlay.opaque=x']));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('overlay.overlay.')]));
  }
});

test('most scenarios have none of it', () => {
  const some = TRUSTED.filter(({ layers }) =>
    layers.flatMap(namesAndValues).some((name) => /whiteout|overlay\.overlay|=x$/.test(name)),
  );
  expect(some.length).toBeGreaterThan(COUNT / 20);
  expect(some.length).toBeLessThan(COUNT / 6);
});

test('with userxattr most marks have its prefix, and some the other', () => {
  const names = USER.flatMap(({ layers }) => layers.flatMap(namesAndValues));
  const own = names.filter((name) => name.startsWith('user.overlay.'));
  const others = names.filter((name) => name.startsWith('trusted.overlay.'));
  expect(others.length).toBeGreaterThan(0);
  expect(own.length).toBeGreaterThan(3 * others.length);
  expect(names).toEqual(expect.arrayContaining(['user.overlay.redirect=a']));
});

test('steps name what is private, escaped, and too long to be escaped', () => {
  const names = USER.flatMap(({ steps }) =>
    steps.flatMap(({ args }) => ('name' in args ? [args.name] : [])),
  );
  expect(names).toEqual(expect.arrayContaining(['user.overlay.opaque', 'user.overlay.whiteout']));
  expect(names).toEqual(expect.arrayContaining(['user.overlay.overlay.opaque']));
  expect(Math.max(...names.map((name) => name.length))).toBeGreaterThan(247);
});

function drawn(options: string): readonly Scenario[] {
  const wishes = { options, stepCount: 20 };
  return Array.from({ length: COUNT }, (_, index) => scenarioAt(3, index, wishes));
}

function namesAndValues({ entries }: Scenario['layers'][number]): readonly string[] {
  return entries.flatMap(({ xattrs = {} }) =>
    Object.entries(xattrs).map(([name, value]) => `${name}=${value}`),
  );
}
