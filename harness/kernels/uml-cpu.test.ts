import { expect, test } from 'vitest';
import { whyNotOnCpu } from './uml-cpu.ts';

test('UML before 6.13 is refused on a CPU with AMX, and only there', () => {
  const amx = 'processor : 0\nflags\t\t: fpu avx512f amx_tile amx_int8\n';
  const plain = 'processor : 0\nflags\t\t: fpu avx512f\n';
  expect(whyNotOnCpu('6.1.176', amx)).toMatch(/AMX/);
  expect(whyNotOnCpu('6.12.101', amx)).toMatch(/AMX/);
  expect(whyNotOnCpu('7.2.7', amx)).toBeNull();
  expect(whyNotOnCpu('6.1.176', plain)).toBeNull();
});
