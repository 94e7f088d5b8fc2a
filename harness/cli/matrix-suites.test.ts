import { expect, test } from 'vitest';
import { CAMPAIGN_SUITES, refusalOf } from './matrix-suites.ts';
import type { MountKind } from './matrix-suites.ts';

const RELEASES = ['5.10', '6.12.117', '7.3.4'];

function has({ options }: MountKind, ...wanted: readonly string[]): boolean {
  return wanted.every((option) => options.split(',').includes(option));
}

test('pairs: each kernel has what it takes in some row', () => {
  const kinds = CAMPAIGN_SUITES['pairs']?.(RELEASES) ?? [];
  expect(kinds.length).toBeLessThan(80);
  for (const release of RELEASES) {
    const taken = kinds.filter((kind) => refusalOf(kind, release) === null);
    expect(
      taken.some((kind) => has(kind, 'index=on', 'xino=on')),
      release,
    ).toBe(true);
    expect(
      taken.some((kind) => has(kind, 'metacopy=on', 'volatile')),
      release,
    ).toBe(true);
    expect(
      taken.some(({ hasUpper }) => !hasUpper),
      release,
    ).toBe(true);
    // No kernel takes both, unless there is no upper layer.
    expect(
      taken.some((kind) => kind.hasUpper && has(kind, 'metacopy=on', 'nfs_export=on')),
      release,
    ).toBe(false);
    expect(
      taken.some((kind) => has(kind, 'uuid=null')),
      release,
    ).toBe(release !== '5.10');
  }
});

test.each(['default', 'full'])('%s: no two rows are the same', (name) => {
  const kinds = CAMPAIGN_SUITES[name]?.(RELEASES) ?? [];
  expect(kinds.length).toBeGreaterThan(10);
  expect(new Set(kinds.map((kind) => JSON.stringify(kind))).size).toBe(kinds.length);
});
