import { expect, test } from 'vitest';
import { OUT_OF_REACH } from '../out-of-reach.ts';
import { functionCoverage } from '../report/function-coverage.ts';
import { functionText } from './function-text.ts';

test('a function that no scenario reaches stands with its reason, another one without', () => {
  const [name = '', why = ''] = Object.entries(OUT_OF_REACH)[0] ?? [];
  const offered = ['ovl_link', 'ovl_lookup', name];
  const coverage = functionCoverage({ offered, ran: ['ovl_lookup'] });
  expect(coverage).toMatchObject({
    ...{ offered: 3, ran: 1 },
    never: [
      { name: 'ovl_link', why: null },
      { name, why },
    ],
  });
  expect(functionText(coverage)).toEqual([
    '1 of 3 functions of overlayfs ran (33 %)',
    '  never: ovl_link',
    `  ${why}: ${name}`,
  ]);
});
