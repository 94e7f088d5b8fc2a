import { expect, test } from 'vitest';
import { BACKENDS, chooseBackend } from './index.ts';

test('a VM is preferred to the kernel of this machine', () => {
  expect(Object.keys(BACKENDS)).toEqual(['qemu', 'uml', 'namespace']);
  expect(Object.entries(BACKENDS).map(([key, { name }]) => key === name)).not.toContain(false);
});

test('a backend that nobody knows is refused by naming those that there are', async () => {
  await expect(chooseBackend('bochs')).rejects.toThrow(/bochs.*qemu, uml, namespace/);
});
