import { expect, test } from 'vitest';
import { objectText } from './cli/object-text.ts';
import { objectCoverage, ObjectTally } from './object-tally.ts';

const options = 'plain';

function tallyOf(counts: Readonly<Record<string, number>>): ObjectTally {
  const tally = new ObjectTally();
  for (const [key, count] of Object.entries(counts)) {
    const [use = '', state = ''] = key.split(' | ');
    for (let time = 0; time < count; time++) tally.note({ use, state, options });
  }
  return tally;
}

test('what came in all other ways and not in this one is missing', () => {
  const { missing, statesNeverMet } = objectCoverage(
    tallyOf({
      'unlink path | file: lower': 10,
      'unlink path | file: upper': 10,
      'chmod path | file: lower': 20,
      // Drawn so seldom that it says nothing.
      'rmdir path | file: upper': 1,
    }).record(),
  );
  expect(missing.slice(0, 1)).toEqual([
    { use: 'chmod path', state: 'file: upper', options: 'any', expected: 5 },
  ]);
  expect(missing.map(({ use }) => use)).not.toContain('rmdir path');
  expect(statesNeverMet).toContain('file: metacopy');
  expect(statesNeverMet).not.toContain('file: lower');
});

test('a type that a call never meets is told once, and no state of it is expected', () => {
  const { missing, typesNeverMet } = objectCoverage(
    tallyOf({
      'getdents fd | dir: lower': 50,
      'write fd | dir: lower': 5,
      'write fd | dir: upper': 5,
      'write fd | file: upper': 40,
    }).record(),
  );
  expect(typesNeverMet).toContain('getdents fd, file');
  expect(typesNeverMet).not.toContain('getdents fd, dir');
  // 50 directories, and 5 of 60 of all calls' are in upper.
  expect(missing.filter(({ use }) => use === 'getdents fd')).toEqual([
    { use: 'getdents fd', state: 'dir: upper', options: 'any', expected: 4 },
  ]);
});

test('a campaign that goes on counts on', () => {
  const before = tallyOf({ 'chmod path | file: lower': 2 });
  const after = new ObjectTally(before.record());
  after.note({ use: 'chmod path', state: 'file: lower', options });
  expect(after.record()).toEqual({ 'chmod path': { plain: { 'file: lower': 3 } } });
});

test('the summary names what was likeliest, and nothing where no step was made', () => {
  const { possible, ...coverage } = objectCoverage(
    tallyOf({
      'chmod path | file: lower': 9,
      'unlink path | file: upper': 8,
      'unlink path | file: lower': 1,
    }).record(),
  );
  expect(objectText({ possible, ...coverage }).slice(0, 3)).toEqual([
    `3 of ${possible} combinations of call, object state and options met (0 %)`,
    '  likely, and yet never met:',
    '    chmod path, file: upper (any options); 4 times by chance',
  ]);
  expect(objectText(objectCoverage({}))).toEqual([]);
});
