import { expect, test } from 'vitest';
import { letsCodeRun } from './uml-memory.ts';

const OF_A_MACHINE = 'tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n';
const OF_A_CONTAINER = 'shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n';

test('UML has its memory in /dev/shm where code may run from there', () => {
  expect(letsCodeRun(OF_A_MACHINE, '/dev/shm')).toBe(true);
  expect(letsCodeRun(OF_A_CONTAINER, '/dev/shm')).toBe(false);
  expect(letsCodeRun(OF_A_MACHINE + OF_A_CONTAINER, '/dev/shm')).toBe(false);
  expect(letsCodeRun('/dev/sda1 / ext4 rw 0 0\n', '/dev/shm')).toBe(false);
});
