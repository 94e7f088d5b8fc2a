import { expect, test } from 'vitest';
import { parseScenario } from '../harness/scenario-file.ts';
import type { ContextCall } from '../model/mount-plan.ts';
import { modelKernel } from './model-kernel.ts';
import { mountOptions } from './mount-options.ts';
import { CONTEXTS, contextAt } from './option-contexts.ts';
import { LENGTHS, lengthAt } from './option-lengths.ts';
import { predictedMount } from './predicted-mount.ts';
import { shrink } from './shrink.ts';

/** Not a divisor of any number of choices, so that every choice is met. */
const STRIDE = 97;

test('plans of calls and of lengths can be stored', () => {
  const some = Array.from({ length: Math.floor(CONTEXTS / STRIDE) }, (_, at) => at * STRIDE);
  const lengths = Array.from({ length: LENGTHS }, (_, index) => lengthAt(index));
  for (const plan of [...some.map(contextAt), ...lengths]) {
    expect(parseScenario(JSON.stringify(plan), 'plan')).toEqual(plan);
  }
  expect(() => contextAt(CONTEXTS)).toThrow(RangeError);
});

test.each([
  { call: 'string', key: 'lowerdir+', value: '../etc' },
  { call: 'string', key: 'lowerdir', value: '/etc' },
  { call: 'path', key: 'source', value: '/etc' },
  { call: 'fd', key: 'lowerdir+', value: '@../etc', opened: 'O_PATH' },
  { call: 'flag', key: 'a/b' },
  { call: 'remount', options: 'lowerdir=/etc' },
])('a file cannot have the call %j', (call) => {
  const plan = { ...contextAt(0), mount: { calls: [call] } };
  expect(() => parseScenario(JSON.stringify(plan), 'plan')).toThrow();
});

/** `s` sets a string, `f` a flag, `p` a descriptor of O_PATH; the rest are calls. */
function callOf(text: string): ContextCall {
  const [, type, key = '', value = ''] = /^([sfp]):([^=]*)=?(.*)$/.exec(text) ?? [];
  if (type === 's') return { call: 'string', key, value };
  if (type === 'f') return { call: 'flag', key };
  if (type === 'p') return { call: 'fd', key, value, opened: 'O_PATH' };
  if (text === 'remount') return { call: 'remount', options: 'bogus' };
  return { call: text as 'create' }; // The texts below are those of calls.
}

const UPPER = 's:upperdir=@u s:workdir=@w';

test.each([
  [
    '6.18',
    `s:lowerdir+=@l0 s:lowerdir+=@l1 create mount`,
    '0 0 0 0',
    'ro,lowerdir+=l0,lowerdir+=l1',
  ],
  ['6.18', `s:lowerdir+=@a:b ${UPPER} create mount`, '0 0 0 0 0', /lowerdir\+=a:b/],
  ['6.18', `s:lowerdir=@l0 s:lowerdir+=@l1`, '0 EINVAL', ''],
  ['6.18', `s:datadir+=@l0 s:lowerdir+=@l1`, '0 EINVAL', ''],
  ['6.18', `s:lowerdir+=@l0 s:lowerdir=@l1:@l2 create mount`, '0 0 0 0', 'ro,lowerdir=l1:l2'],
  ['6.18', `s:lowerdir=@l0::@l1:@l2 create mount`, 'EINVAL 0 0', 'ro,lowerdir=l0::l1:l2'],
  ['6.18', `s:lowerdir=@l0:@l1:@missing create mount`, 'ENOENT 0 0', 'ro,lowerdir=l0:l1:missing'],
  ['6.18', `p:lowerdir+=@l0 p:datadir+=@l1 create mount`, '0 0 0 0', 'ro,lowerdir+=l0,datadir+=l1'],
  ['6.18', 'p:lowerdir=@l0 p:lowerdir+= p:lowerdir+=@file', 'EINVAL EBADF EINVAL', ''],
  ['6.12', 'p:lowerdir+=@l0', 'EBADF', ''],
  ['6.1', 'p:lowerdir+=@l0', 'EOPNOTSUPP', ''],
  ['6.1', `s:lowerdir+=@l0 create mount`, '0 EINVAL EINVAL', ''],
  ['6.1', `s:lowerdir=@l0 ${UPPER} s:index=bogus create`, '0 0 0 0 EINVAL', ''],
  ['6.18', `s:lowerdir=@l0 ${UPPER} s:index=bogus create mount`, '0 0 0 EINVAL 0 0', /^rw/],
  ['6.18', `s:lowerdir=@l0 ${UPPER} f:ro create mount`, '0 0 0 0 0 0', /^ro/],
  ['6.18', `s:lowerdir=@l0 create create`, '0 EINVAL EBUSY', ''],
  ['6.18', `s:lowerdir=@l0 ${UPPER} create mount s:index=on`, '0 0 0 0 0 EINVAL', /^rw/],
  ['6.1', `s:lowerdir=@l0 ${UPPER} create mount s:index=on reconfigure`, '0 0 0 0 0 0 0', /^rw/],
  ['6.18', `s:lowerdir=@l0:@l1 create mount pick reconfigure`, '0 0 0 0 EROFS', /^ro/],
  ['6.18', `s:lowerdir=@l0:@l1 create mount remount`, '0 0 0 EROFS', /^ro/],
  ['6.18', `s:lowerdir=@l0 ${UPPER} create mount remount mount`, '0 0 0 0 0 0 EBUSY', /^rw/],
])('on %s the calls %s return %s', (release, text, results, layers) => {
  const calls = text.split(' ').map(callOf);
  const mounted = predictedMount(release, { ...contextAt(0), mount: { calls } });
  const view = mounted.ok ? mounted.value.view : { layers: [], results: [] };
  expect(view.results?.join(' ')).toBe(results);
  const shown = view.layers.join();
  if (typeof layers === 'string') expect(shown).toBe(layers);
  else expect(shown).toMatch(layers);
});

test('a difference shrinks to the calls that it takes', async () => {
  const model = modelKernel('6.18');
  const old = { ...modelKernel('6.12'), release: model.release };
  const calls = `s:lowerdir=@l0 s:index=on p:upperdir=@u ${UPPER} create mount pick`;
  const scenario = { ...contextAt(0), mount: { calls: calls.split(' ').map(callOf) } };
  const shrunk = await shrink(
    scenario,
    async (candidate) => (await mountOptions.check(candidate, old)).differences.length > 0,
    { evaluationsMax: 100, inFlight: 1 },
    mountOptions.passes,
  );
  expect(shrunk.scenario.mount).toEqual({ calls: [callOf('p:upperdir=@u')] });
});
