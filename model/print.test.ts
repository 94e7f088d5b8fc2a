import { expect, test } from 'vitest';
import { quote } from './print.ts';

test('bytes are quoted as strace does', () => {
  expect(quote('a b')).toBe('"a b"');
  expect(quote('"\\\0\xff\n')).toBe('"\\"\\\\\\x00\\xff\\x0a"');
});

test('a long string is cut and says how long it is', () => {
  expect(quote('x'.repeat(48))).toBe(`"${'x'.repeat(48)}"`);
  expect(quote('x'.repeat(49))).toBe(`"${'x'.repeat(48)}"... (49 bytes)`);
});
