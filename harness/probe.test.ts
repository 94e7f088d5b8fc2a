import { expect, test } from 'vitest';
import { modelKernel } from '../properties/model-kernel.ts';
import { probe } from './probe.ts';

const RELEASES = ['5.10', '6.1', '6.12', '6.18', '7.2', '7.3'];

test.each(RELEASES)('a kernel that is what the profile of %s says passes', async (release) => {
  await expect(probe(modelKernel(release))).resolves.toBeUndefined();
});

test.each([
  ['5.10', '6.1', 'userxattr: EINVAL by the profile, success here'],
  ['6.12', '6.1', 'uuid-auto: success by the profile, EINVAL here'],
  ['6.18', '6.12', 'layers-by-fd: 0 by the profile, EINVAL here'],
])('one that calls itself %s and is as %s does not', async (release, like, why) => {
  const kernel = { ...modelKernel(like), release };
  await expect(probe(kernel)).rejects.toMatchObject({
    reason: 'unfit-kernel',
    message: expect.stringContaining(why) as string,
  });
});
