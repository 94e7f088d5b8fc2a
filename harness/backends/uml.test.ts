import { expect, test } from 'vitest';
import { umlArgs, whyNotOnThisCpu } from './uml.ts';

test('UML keeps its files in the scratch folder and has no terminal', () => {
  const args = umlArgs({ memoryMib: 128, initramfsPath: '/i', scratchPath: '/s' });
  expect(args).toEqual(
    expect.arrayContaining([
      'mem=128M',
      'initrd=/i',
      'uml_dir=/s',
      'con=null',
      'ssl=null',
      'ssl1=fd:4',
    ]),
  );
});

test('UML before 6.13 is refused on a CPU with AMX, and only there', () => {
  const amx = 'processor : 0\nflags\t\t: fpu avx512f amx_tile amx_int8\n';
  const plain = 'processor : 0\nflags\t\t: fpu avx512f\n';
  expect(whyNotOnThisCpu('6.1.176', amx)).toMatch(/AMX/);
  expect(whyNotOnThisCpu('6.12.101', amx)).toMatch(/AMX/);
  expect(whyNotOnThisCpu('7.2.7', amx)).toBeNull();
  expect(whyNotOnThisCpu('6.1.176', plain)).toBeNull();
});
