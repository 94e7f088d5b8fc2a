import { expect, test } from 'vitest';
import { KERNELS } from './kernels.ts';
import { borrowedProfile, profileOfRelease, resolveProfile } from './resolve.ts';

test.each([
  ['6.1.0-48-cloud-amd64', 'linux-6.1'],
  ['6.12.107', 'linux-6.12.107'],
  ['6.12.117+deb13-cloud-amd64', 'linux-6.12.117'],
  ['6.17.3', 'linux-6.12'],
  ['6.18-rc1', 'linux-6.18'],
  ['7.2.7', 'linux-7.2'],
  ['7.3-rc7-cloud-amd64', 'linux-7.3'],
  ['7.3~rc7', 'linux-7.3'],
  ['7.3.4+deb13-cloud-amd64', 'linux-7.3.4'],
  ['7.4.1', 'linux-7.3'],
  ['8.0', 'linux-7.3'],
  ['7.2.13', 'linux-7.2.13'],
  ['5.10.223', 'linux-5.10'],
  ['4.19.0', 'linux-5.10'],
])('a kernel that calls itself %s has the profile %s', (release, id) => {
  expect(profileOfRelease(release).id).toBe(id);
});

test('a kernel that has no profile takes the nearest older one and says so', () => {
  expect(borrowedProfile('6.17.3')).toBe(
    'linux 6.17.3 has no profile of its own: taking linux-6.12',
  );
  expect(borrowedProfile('7.9')).toMatch(/: taking linux-7\.3$/);
  expect(borrowedProfile('6.12.107')).toBeNull();
  expect(borrowedProfile('7.3-rc7')).toBeNull();
});

test('a profile inherits what it does not change', () => {
  const oldest = resolveProfile(KERNELS[0].id);
  const newer = resolveProfile('linux-6.18');
  expect(newer.behaviour.copyUpOverTakenName).toBe(oldest.behaviour.copyUpOverTakenName);
  expect(newer.behaviour.tmpfsUserXattr).not.toBe(oldest.behaviour.tmpfsUserXattr);
  expect(newer.features.has('uuid-auto')).toBe(true);
  expect(newer.features.has('verity-metacopy')).toBe(false);
  expect(() => resolveProfile('linux-9')).toThrow(RangeError);
});
