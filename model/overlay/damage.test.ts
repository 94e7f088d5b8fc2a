import { expect, test } from 'vitest';
import type { BaseType } from '../bases.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';
import { DAMAGEABLE_BYTES, LOSING_BYTES } from './damage.ts';

function openDamaged(base: BaseType, byte: number) {
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ] as const;
  const steps = [
    { op: 'encodeHandle', args: { handle: 0, path: 'a', flags: [], size: 128 } },
    {
      op: 'openHandle',
      args: { slot: 0, handle: 0, flags: ['O_RDONLY'], damage: { byte, flip: 128 } },
    },
  ] as const;
  const scenario = { base, layers, options: 'index=on,nfs_export=on', steps } as const;
  return simulate(scenario, resolveProfile('linux-6.12'), USUAL_ENVIRONMENT).at(-1);
}

const STALE = { ok: false, anyOf: ['ESTALE'] };

test('a handle of xfs with other upper bits in its inode number is stale, by a rule', () => {
  const rule = 'handle/upper-bits-of-number';
  for (const byte of LOSING_BYTES) {
    const opened = openDamaged('xfs', byte);
    expect(opened?.result).toEqual(STALE);
    expect(opened?.rules).toContain(rule);
    // There it is a byte of something else.
    for (const base of ['tmpfs', 'ext4'] as const) {
      expect(openDamaged(base, byte)?.result).toEqual(STALE);
      expect(openDamaged(base, byte)?.rules).not.toContain(rule);
    }
  }
  expect(openDamaged('xfs', 36)?.rules).not.toContain(rule);
});

test('nobody draws what may lose a machine', () => {
  expect(DAMAGEABLE_BYTES.filter((byte) => LOSING_BYTES.includes(byte))).toEqual([]);
});
