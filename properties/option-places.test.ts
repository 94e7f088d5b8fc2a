import { expect, test } from 'vitest';
import { parseScenario } from '../harness/scenario-file.ts';
import { PLANS, planAt } from './option-places.ts';
import { mountOfText, predictedMount } from './predicted-mount.ts';

test('every plan is another one, and can be stored', () => {
  const plans = Array.from({ length: PLANS }, (_, index) => planAt(index));
  for (const plan of plans) expect(parseScenario(JSON.stringify(plan), 'plan')).toEqual(plan);
  // A mount of one parameter is the same in both orders.
  const different = new Set(plans.map((plan) => JSON.stringify(plan)));
  expect(different.size).toBeGreaterThan(0.95 * PLANS);
});

test.each(['@../etc', '/etc', '@u:/etc', '@u/../..', '@u:@../b', '@u,xino=on'])(
  'a file cannot name %j, which is no place',
  (value) => {
    const plan = { ...planAt(0), mount: { params: [{ key: 'lowerdir', value }] } };
    expect(() => parseScenario(JSON.stringify(plan), 'plan')).toThrow();
  },
);

test.each([
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@w', 'rw,lowerdir=l0,upperdir=u,workdir=w'],
  ['6.18', 'lowerdir=@l0:@l1', 'ro,lowerdir=l0:l1'],
  ['6.18', 'lowerdir=@l0', 'EINVAL'],
  ['6.18', 'lowerdir=@l0:@l0', 'ELOOP'],
  ['6.18', 'lowerdir=@l0/in:@l0', 'ELOOP'],
  ['6.18', 'lowerdir=@u upperdir=@u workdir=@w', 'ELOOP'],
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@u/in', 'EINVAL'],
  ['6.18', 'lowerdir=@l0 upperdir=@u workdir=@bind/w', 'EINVAL'],
  ['6.18', 'lowerdir=@l0 upperdir=@u', 'EINVAL'],
  ['5.10', 'lowerdir=@l0 upperdir=@u', 'ENOMEM'],
  ['6.18', 'lowerdir=@missing upperdir=@file workdir=@w', 'ENOENT'],
  ['6.18', 'upperdir=@file lowerdir=@missing workdir=@w', 'EINVAL'],
  ['6.1', 'lowerdir=@missing upperdir=@file workdir=@w', 'EINVAL'],
  ['6.18', 'lowerdir=@l0::@l1', 'ro,lowerdir=l0::l1'],
  ['6.12', 'lowerdir=@l0::@l1', 'EINVAL'],
  ['6.18', String.raw`lowerdir=@l0:@a\,b`, String.raw`ro,lowerdir=l0:a\134\054b`],
])('%s with %s', (release, text, expected) => {
  const mounted = predictedMount(release, mountOfText(text));
  const shown = mounted.ok ? mounted.value.view.layers.join() : mounted.anyOf.join();
  expect(shown).toBe(expected);
});
