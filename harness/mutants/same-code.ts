import { runChecked } from '../process.ts';

/**
 * Whether two modules are the same machine code, so that nobody can tell them apart. The files are
 * never the same, as they name the folders that they were built in, and functions are in any order.
 */
export async function isSameCode(one: string, other: string): Promise<boolean> {
  const [mine, theirs] = await Promise.all(
    [one, other].map(async (path) => {
      return functionsOf(await runChecked('objdump', ['-d', '-r', '--no-show-raw-insn', path]));
    }),
  );
  return mine !== undefined && mine === theirs;
}

/** The instructions of each function, without what hangs on where it or a string is. */
export function functionsOf(disassembly: string): string {
  const functions = disassembly.split(/\n(?=[0-9a-f]+ <\w[^>]*>:)/).slice(1);
  const plain = functions.map((text) =>
    text
      .replaceAll(/^[0-9a-f]+ (?=<)/gm, '')
      .replaceAll(/^\s*[0-9a-f]+:\s*/gm, '')
      .replaceAll(/\b[0-9a-f]+ (?=<)/g, '')
      .replaceAll(/(\t(?:\.|__)[\w.]+)[+-]0x[0-9a-f]+/g, '$1')
      // What fills the room up to the next function.
      .replaceAll(/^(?:nop|xchg|data16|cs nop|int3|Disassembly).*$/gm, '')
      .replaceAll(/\s+/g, ' ')
      // Where a place is filled in later, what stands there now says nothing.
      .replaceAll(/(?:# )?<[^>]+> (?=R_)/g, ''),
  );
  return plain.sort().join('\n');
}
