import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack } from './pack.ts';

const FAR = 70_000;

test('what is packed unpacks to what it was, and is hardly ever longer', () => {
  const word = fc.constantFrom('mkdir', 'a/b', '\0\0\0\0\0\0\0', 'x');
  const text = fc.array(word, { maxLength: 80 }).map((words) => Buffer.from(words.join('')));
  const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(text, noise), (data) => {
      const packed = pack(data);
      expect(unpack(packed)).toEqual(data);
      expect(packed.length).toBeLessThanOrEqual(data.length + Math.ceil(data.length / 128));
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test('what repeats becomes short, and what is too far back is not referred to', () => {
  expect(pack(Buffer.alloc(1310)).length).toBeLessThan(40);
  const far = Buffer.concat([Buffer.from('needle'), Buffer.alloc(FAR), Buffer.from('needle')]);
  expect(unpack(pack(far))).toEqual(far);
});

/** As the executor does it. */
function unpack(packed: Buffer): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < packed.length;) {
    const token = packed.readUInt8(at++);
    if (token < 128) {
      bytes.push(...packed.subarray(at, at + token + 1));
      at += token + 1;
      continue;
    }
    const back = packed.readUInt16LE(at);
    at += 2;
    for (let count = token - 128 + 4; count > 0; count--) bytes.push(bytes.at(-back) ?? NaN);
  }
  return Buffer.from(bytes);
}
