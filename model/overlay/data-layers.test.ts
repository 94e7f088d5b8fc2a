import { describe, expect, test } from 'vitest';
import type { Entry, LayerSpec, Scenario } from '../scenario.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const METACOPY = 'trusted.overlay.metacopy';
const REDIRECT = 'trusted.overlay.redirect';
const ON = 'redirect_dir=on,metacopy=on';

function file(path: string, text: string): Entry {
  return { path, type: 'file', pieces: [{ at: 0, text }] };
}

function pointer(path: string, redirect: string): Entry {
  return { path, type: 'file', size: 4, xattrs: { [METACOPY]: '', [REDIRECT]: redirect } };
}

function mountOf(
  lowers: readonly (readonly Entry[])[],
  data: readonly (readonly Entry[])[],
  options: string,
): Scenario {
  const layers: LayerSpec[] = [
    { role: 'upper', entries: [] },
    ...lowers.map((entries): LayerSpec => ({ role: 'lower', entries })),
    ...data.map((entries): LayerSpec => ({ role: 'data', entries })),
  ];
  return { base: 'tmpfs', layers, options, steps: [] };
}

/** What is at a path after the mount: its content, or why it has none. */
function contentAt(scenario: Scenario, path: string, kernel = 'linux-6.18'): unknown {
  const [mounted] = simulate(scenario, resolveProfile(kernel), USUAL_ENVIRONMENT);
  const node = mounted?.merged?.get(path)?.node;
  if (node?.kind === 'unreadable') return node.error;
  return node?.dataError ?? node?.content.bytes();
}

describe('a file whose data is in a data-only layer', () => {
  const data = [[file('d/x', 'data')], [file('d/x', 'not this'), file('y', 'last')]];
  test.each([
    ['/d/x', 'data'],
    ['/y', 'last'],
    ['/d', { anyOf: ['ENOENT'] }],
    ['/y/x', { anyOf: ['ENOTDIR'] }],
    ['/..', { anyOf: ['EXDEV', 'EAGAIN'] }],
    ['x', { anyOf: ['EIO'] }],
  ])('is read by the path %s, or fails as the last layer says', (redirect, expected) => {
    const content = contentAt(mountOf([[pointer('f', redirect)]], data, ON), 'f');
    if (typeof expected === 'string') expect(content).toBe(expected);
    else expect(content).toMatchObject(expected);
  });

  test('is not found by a path that merged layers below have a directory of', () => {
    const lowers = [[pointer('f', '/d/x')], [{ path: 'd', type: 'dir' } as const]];
    expect(contentAt(mountOf(lowers, data, ON), 'f')).toMatchObject({ anyOf: ['EIO'] });
  });

  test('needs no option of a mount where the lowest merged layer has it', () => {
    const off = 'redirect_dir=nofollow,metacopy=off';
    expect(contentAt(mountOf([[], [pointer('f', '/y')]], data, off), 'f')).toBe('last');
    const higher = mountOf([[pointer('f', '/y')], []], data, off);
    expect(contentAt(higher, 'f')).toMatchObject({ anyOf: ['EPERM'] });
  });
});

test.each([
  ['linux-6.1', ON],
  ['linux-6.12', 'redirect_dir=on,metacopy=off'],
])('%s refuses data-only layers with %s', (kernel, options) => {
  const [mounted] = simulate(mountOf([[]], [[]], options), resolveProfile(kernel), {
    ...USUAL_ENVIRONMENT,
  });
  expect(mounted?.result).toMatchObject({ anyOf: ['EINVAL'] });
});
