import { describe, expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const RO: Step = { op: 'reconfigure', args: { access: 'ro', options: '' } };
const RW: Step = { op: 'reconfigure', args: { access: 'rw', options: 'index=on' } };
const CHMOD: Step = { op: 'chmod', args: { path: 'a', mode: 0o600 } };
const CLOSE: Step = { op: 'close', args: { fd: 0 } };
const UNLINK: Step = { op: 'unlink', args: { path: 'a' } };

function open(flags: 'O_RDWR' | 'O_RDONLY'): Step {
  return { op: 'open', args: { slot: 0, path: 'a', flags: [flags], mode: 0 } };
}

/** What each step returns: 0, an errno, or what mountinfo shows first. */
function resultsOf(steps: readonly Step[], { hasUpper = true } = {}): readonly string[] {
  const layers = [
    ...(hasUpper ? ([{ role: 'upper', entries: [] }] as const) : []),
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
    { role: 'lower', entries: [] },
  ] as const;
  const scenario = { base: 'tmpfs', layers, options: '', steps } as const;
  const trace = simulate(scenario, resolveProfile('linux-6.18.44'), USUAL_ENVIRONMENT);
  return trace.slice(1).map(({ result }) => {
    if (!result.ok) return result.anyOf.join(' or ');
    const { layers: shown } = (result.value ?? { layers: ['0'] }) as { layers?: readonly string[] };
    return shown?.[0] ?? String(result.value);
  });
}

test('an overlay that is remounted read-only takes no change until it is writable again', () => {
  expect(resultsOf([RO, CHMOD, RO, RW, CHMOD])).toEqual(['ro', 'EROFS', 'ro', 'rw', '0']);
});

test('dropping caches makes it writable, as does mounting it anew', () => {
  const remount: Step = { op: 'remount', args: {} };
  expect(resultsOf([RO, { op: 'dropCaches', args: {} }, CHMOD])).toEqual(['ro', '0', '0']);
  expect(resultsOf([RO, remount, CHMOD]).at(-1)).toBe('0');
});

test('without an upper layer it stays read-only', () => {
  expect(resultsOf([RO, RW], { hasUpper: false })).toEqual(['ro', 'EROFS']);
});

describe('it stays writable', () => {
  test('while a file is open to be written to', () => {
    expect(resultsOf([open('O_RDWR'), RO, CLOSE, RO])).toEqual(['0', 'EBUSY', '0', 'ro']);
    expect(resultsOf([open('O_RDONLY'), RO])).toEqual(['0', 'ro']);
  });

  test('while a file is open that was removed', () => {
    const steps = [open('O_RDONLY'), UNLINK, RO, CLOSE, RO];
    expect(resultsOf(steps)).toEqual(['0', '0', 'EBUSY', '0', 'ro']);
  });

  test('while memory is mapped from a file that could be written to', () => {
    const args = { map: 0, fd: 0, offset: 0, size: 4096, protection: [], sharing: 'MAP_PRIVATE' };
    const map = { op: 'mmap', args } as Step;
    expect(resultsOf([open('O_RDWR'), map, CLOSE, RO]).at(-1)).toBe('EBUSY');
  });
});
