import { expect, test } from 'vitest';
import { argumentsAt, codeOnly } from './c-text.ts';
import { mutate } from './edits.ts';
import { systematicMutants } from './systematic.ts';

const FILE = `
/* if (comments) are no code */
static int count(struct dentry *one, struct dentry *other, int most)
{
	int err;

	if (most < 2 && !one)
		return -EINVAL;

	err = compare(one, other);
	if (err)
		goto out;
	note("if (a < b) is text", most + 1);
	mutex_unlock(&lock);
out:
	return err;
}
`;
const SOURCES = new Map([['dir.c', FILE]]);

function linesOf(kind: string): readonly string[] {
  const mutants = systematicMutants(SOURCES, '6.1').filter((mutant) => mutant.class === kind);
  return mutants.map((mutant) => {
    const lines = mutate(mutant, SOURCES).get('dir.c')?.split('\n') ?? [];
    const was = new Set(FILE.split('\n'));
    return lines
      .filter((line) => !was.has(line))
      .join(' ')
      .trim();
  });
}

test('every condition is negated, one at a time', () => {
  expect(linesOf('condition-negated')).toEqual(['if (!(most < 2 && !one))', 'if (!(err))']);
});

test('calls are left out, but for those that only clean up', () => {
  expect(linesOf('call-dropped')).toEqual([';', 'err = 0;']);
});

test('neighbours of one type change places', () => {
  expect(linesOf('arguments-swapped')).toEqual(['err = compare(other, one);']);
});

test('comparisons and sums are off by one, and connectives are the other one', () => {
  expect(linesOf('off-by-one')).toEqual([
    'if (most <= 2 && !one)',
    'note("if (a < b) is text", most );',
  ]);
  expect(linesOf('and-or')).toEqual(['if (most < 2 || !one)']);
});

test('what is no code is blank, and places stay', () => {
  const text = '#define A \\\n\t1\nf("//", x); /* y */ g();';
  expect(codeOnly(text)).toHaveLength(text.length);
  expect(codeOnly(text).trim().replaceAll(/\s+/g, ' ')).toBe('f( , x); g();');
});

test('arguments end at their own commas', () => {
  const text = 'f(a, g(b, c), d[1])';
  const found = argumentsAt(text, 1).map(({ start, end }) => text.slice(start, end).trim());
  expect(found).toEqual(['a', 'g(b, c)', 'd[1]']);
});
