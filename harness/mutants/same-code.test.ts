import { expect, test } from 'vitest';
import { functionsOf } from './same-code.ts';

const HEAD = '\nmodule.ko:     file format elf64\n\n\nDisassembly of section .text:\n\n';
const ONE = `0000000000000000 <one>:
       0:\tcall   5 <one+0x5>
\t\t\t1: R_X86_64_PLT32\t__fentry__-0x4
       5:\tmov    $0x0,%rdi
\t\t\t8: R_X86_64_32S\t.rodata.str1.8+0x60
       c:\tjne    5 <one+0x5>
       e:\tnop
`;
const OTHER = `0000000000000010 <other>:
      10:\tmov    $0x1,%eax
      15:\tjmp    1a <one+0x1a>
\t\t\t16: R_X86_64_PLT32\t__x86_return_thunk-0x4
`;

test('where functions stand makes no difference', () => {
  const moved = `${OTHER}\n${ONE}`
    .replaceAll(/^( *)([0-9a-f]+):/gm, '$1f$2:')
    .replace('1a <one+0x1a>', '2f <third>')
    .replace('+0x60', '+0x98');
  expect(functionsOf(HEAD + moved)).toBe(functionsOf(`${HEAD}${ONE}\n${OTHER}`));
});

test('what they do does', () => {
  const changes = [
    ['jne ', 'je '],
    ['$0x1,', '$0x2,'],
    ['<one+0x5>', '<one+0xc>'],
  ] as const;
  const before = functionsOf(`${HEAD}${ONE}\n${OTHER}`);
  for (const [from, to] of changes) {
    const text = `${ONE}\n${OTHER}`.replaceAll(from, to);
    expect(functionsOf(HEAD + text), from).not.toBe(before);
  }
});
