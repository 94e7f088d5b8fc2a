import { expect, test } from 'vitest';
import { umlArgs } from './uml.ts';

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
