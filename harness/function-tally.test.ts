import { expect, test } from 'vitest';
import { FunctionTally, functionsIn, ranIn, withoutSuffix } from './function-tally.ts';

const FILTERED = ['ovl_lookup [overlay]', 'do_ovl_get_acl [overlay]', 'ovl_free.part.0 [overlay]'];
const PROBED = [
  '#### all functions enabled ####',
  'ovl_lookup [overlay]:stacktrace:count=0',
  'ovl_rename [overlay]:stacktrace:count=1',
  'ovl_free.part.0 [overlay]:stacktrace:count=0',
];

test('a filter of the tracer lists functions, and nothing else is one', () => {
  const text = `${['#### all functions enabled ####', ...FILTERED].join('\n')}\n`;
  expect(functionsIn(text)).toEqual(['ovl_lookup', 'do_ovl_get_acl', 'ovl_free.part.0']);
});

test('a function ran when its probe may go off no more', () => {
  expect(ranIn(`${PROBED.join('\n')}\n`)).toEqual(['ovl_lookup', 'ovl_free.part.0']);
});

test('parts of a function are the function', () => {
  expect(
    ['ovl_free.part.0', 'ovl_lookup.constprop.0.isra.0', 'ovl_open'].map(withoutSuffix),
  ).toEqual(['ovl_free', 'ovl_lookup', 'ovl_open']);
});

test('a campaign that goes on knows what ran before', () => {
  const record = { offered: ['ovl_lookup', 'ovl_rename'], ran: ['ovl_lookup'] };
  expect(new FunctionTally(record).record()).toEqual(record);
});
