import { expect, test } from 'vitest';
import { withOwnLibrary } from './uml-program.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';

test('a program gets the loader and the libraries of its own folder', () => {
  const program = Buffer.from(`ELF\0${LOADER}\0libc.so.6\0/lib64:/lib\0/lib64:\0`);
  const changed = withOwnLibrary(program);
  const text = changed.toString().replaceAll(/\0+/g, ' ');
  expect(text).toBe('ELF ./ld.so libc.so.6 $ORIGIN /lib64: ');
  expect(changed).toHaveLength(program.length);
});

test('a program without a search path uses the libraries of the machine', () => {
  const program = Buffer.from(`ELF\0${LOADER}\0libc.so.6\0`);
  expect(withOwnLibrary(program)).toEqual(program);
});

test('a program with a search path and no loader is refused', () => {
  expect(() => withOwnLibrary(Buffer.from('ELF\0/lib64:/lib\0'))).toThrow(/loader/);
});
