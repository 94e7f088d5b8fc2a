import { describe, expect, test } from 'vitest';
import { HarnessError } from '../errors.ts';
import { functionIn, mutate } from './edits.ts';
import type { Edit, Mutant } from './record.ts';

const SOURCE = `
static int first(int a);

static int first(int a)
{
	if (a) {
		a = 1;
	}
	return	second(a,
		      a);
}

int second(int a, int b) { return a + b; }
`;
const SOURCES = new Map([
  ['a.c', SOURCE],
  ['b.h', '#define ONE 1\n'],
]);

function mutant(...edits: readonly Edit[]): Mutant {
  const about = { id: 'some-bug', title: '', class: 'any', kernel: '6.1' };
  return { ...about, file: 'a.c', function: 'first', edits };
}

function changed(...edits: readonly Edit[]): string {
  return mutate(mutant(...edits), SOURCES).get('a.c') ?? '';
}

test('white space that is found may be any, and only the function is looked at', () => {
  const text = changed({ find: 'return second(a, a);', replace: 'return 0;' });
  expect(text).toBe(SOURCE.replace(/return\tsecond[^;]*;/, 'return 0;'));
});

test('edits follow each other, each where it says', () => {
  const text = changed(
    { find: 'a = 1', replace: 'a = 2' },
    { find: 'a = 2', replace: 'a = 3' },
    { find: 'a + b', replace: 'a - b', function: 'second' },
  );
  expect(text).toContain('a = 3;');
  expect(text).toContain('a - b');
});

test('another file, the whole of it, one match of several, or all of them', () => {
  const header: Edit = { find: 'ONE 1', replace: 'ONE 2', file: 'b.h', function: null };
  expect(mutate(mutant(header), SOURCES)).toEqual(new Map([['b.h', '#define ONE 2\n']]));
  expect(changed({ find: 'a', replace: 'b', nth: 2 })).toContain('if (b) {');
  expect(changed({ find: '(a)', replace: '(b)', count: 1 })).toContain('if (b) {');
  expect(changed({ find: 'int', replace: 'long', count: 2 })).toContain(
    'static long first(long a)',
  );
});

test('a regular expression, with the groups that it found', () => {
  const plain = changed({ find: 'if \\((\\w)\\)', replace: 'if (!\\1)', regex: true });
  expect(plain).toContain('if (!a) {');
  const named = changed({ find: '(?P<x>a) = 1', replace: '\\g<x> = 7', regex: true });
  expect(named).toContain('a = 7;');
});

describe('an edit that does not fit names its record and itself', () => {
  test.each<readonly [string, Edit, RegExp]>([
    ['nowhere', { find: 'gone', replace: '' }, /found 0 times in first, not 1/],
    ['more than once', { find: 'a', replace: '' }, /found 6 times in first, not 1/],
    ['too few of them', { find: 'a', replace: '', nth: 9 }, /match 9 is meant, and first has 6/],
    [
      'no such function',
      { find: 'a', replace: '', function: 'third' },
      /there is no function third/,
    ],
    ['no such file', { find: 'a', replace: '', file: 'c.c' }, /there is no c\.c/],
    ['no expression', { find: '(', replace: '', regex: true }, /no regular expression/],
  ])('%s', (_, edit, says) => {
    const broken = mutant({ find: 'a = 1', replace: 'a = 2' }, edit);
    expect(() => mutate(broken, SOURCES)).toThrow(HarnessError);
    expect(() => mutate(broken, SOURCES)).toThrow(/^mutant some-bug, edit 2: /);
    expect(() => mutate(broken, SOURCES)).toThrow(says);
  });

  test('nothing is changed', () => {
    const same = mutant({ find: 'a = 1;', replace: 'a = 1;' });
    expect(() => mutate(same, SOURCES)).toThrow('mutant some-bug changes nothing in a.c');
  });
});

test('a function is where its body is, not where it is declared or called', () => {
  const extent = functionIn(SOURCE, 'second');
  expect(SOURCE.slice(extent?.start, extent?.end)).toBe(
    'int second(int a, int b) { return a + b; }',
  );
  expect(functionIn('int f(int a);\nint g(void)\n{\n\treturn f(1);\n}\n', 'f')).toBeNull();
});
