import { expect, test } from 'vitest';
import { RULES } from './rules.ts';
import { rulesOf, rulesOfRelease } from './rules-of.ts';
import { resolveProfile } from './semantics/resolve.ts';

const DEFAULT = { options: 'index=off,nfs_export=off', base: 'tmpfs' };

test('a rule about what a kernel lacks is not one of its rules', () => {
  const old = rulesOf(resolveProfile('linux-6.1'), DEFAULT);
  expect(old).toContain('xattr/private-refused');
  expect(old).not.toContain('xattr/escaped');
  expect(old).toContain('copy-up/file');
  const newer = rulesOf(resolveProfile('linux-6.12'), DEFAULT);
  expect(newer).not.toContain('xattr/private-refused');
  expect(newer).toContain('xattr/escaped');
});

test('a rule about one answer is a rule of the kernels that give it', () => {
  expect(rulesOfRelease('6.12.107', DEFAULT)).toContain('copy-up/replaces-name');
  expect(rulesOfRelease('6.12.117-cloud', DEFAULT)).not.toContain('copy-up/replaces-name');
});

test('before any kernel is known every rule counts', () => {
  expect(rulesOfRelease(null, DEFAULT)).toHaveLength(Object.keys(RULES).length);
  expect(rulesOfRelease('host', DEFAULT)).toHaveLength(Object.keys(RULES).length);
});

test('a rule about an option counts where the option is given', () => {
  expect(rulesOfRelease('6.12', { ...DEFAULT, options: 'xino=on,index=on' })).toContain(
    'index/entry-made',
  );
  expect(rulesOfRelease('6.12', { ...DEFAULT, options: 'nfs_export=on' })).toContain(
    'index/entry-made',
  );
  expect(rulesOfRelease('6.12', DEFAULT)).not.toContain('index/entry-made');
});

test('a rule about several file systems counts where the layers are on several', () => {
  const several = rulesOfRelease('6.12', { ...DEFAULT, base: 'tmpfs,ext4' });
  expect(several).toContain('identity/device-of-layer');
  expect(rulesOfRelease('6.12', DEFAULT)).not.toContain('identity/device-of-layer');
});
