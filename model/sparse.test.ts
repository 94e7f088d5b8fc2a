import { describe, expect, test } from 'vitest';
import { Content } from './sparse.ts';

const MIB = 1_048_576;
const GIB = 1024 * MIB;
const LARGE = Content.EMPTY.padEnd(GIB - 4).concat('last');

describe('content of a file', () => {
  test('what is short is one piece', () => {
    const content = Content.of('ab').padEnd(5000).concat('cd', Content.of('ef'));
    expect(content.pieces).toEqual([{ at: 0, text: `ab${'\0'.repeat(4998)}cdef` }]);
    expect(content.slice(4999, 5002).bytes()).toBe('\0cd');
    expect(content.slice(6000)).toBe(Content.EMPTY);
  });

  test('what is large keeps no zeros', () => {
    expect(LARGE.length).toBe(GIB);
    expect(LARGE.pieces).toEqual([{ at: GIB - 4, text: 'last' }]);
    expect(LARGE.bytes(GIB - 6)).toBe('\0\0last');
    expect(LARGE.slice(MIB, GIB - 2).pieces).toEqual([{ at: GIB - 4 - MIB, text: 'la' }]);
    expect(LARGE.slice(0, MIB).pieces).toEqual([]);
    expect(LARGE.concat('\0').trimZeros()).toEqual(LARGE);
    expect(Content.EMPTY.padEnd(GIB).trimZeros()).toBe(Content.EMPTY);
  });

  test('zeros that are written are those of a hole', () => {
    const hole = Content.EMPTY.padEnd(GIB);
    const zeros = Content.EMPTY.padEnd(MIB).concat('\0'.repeat(100_000)).padEnd(GIB);
    expect(hole.equals(zeros)).toBe(true);
    expect(
      zeros
        .slice(0, GIB - 4)
        .concat('last')
        .equals(LARGE),
    ).toBe(true);
    expect(hole.equals(LARGE)).toBe(false);
    expect(LARGE.equals(zeros.slice(0, GIB - 4).concat('lasT'))).toBe(false);
    expect(hole.equals(hole.padEnd(GIB + 1))).toBe(false);
    const apart = Content.from([{ at: MIB, text: `a${'\0'.repeat(70_000)}b` }], GIB);
    const pieces = [
      { at: MIB, text: 'a' },
      { at: MIB + 70_001, text: 'b' },
    ];
    expect(apart.equals(Content.from(pieces, GIB))).toBe(true);
    expect(Content.from(pieces, GIB).equals(apart)).toBe(true);
  });
});
