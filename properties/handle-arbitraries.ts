import fc from 'fast-check';
import type { ArgKinds } from '../model/ops/op.ts';
import { weighted } from './weighted.ts';

/** How one of overlayfs itself begins: version, magic, length, flags, type of what follows. */
const HEADS = [
  '',
  '\0\xfb\x21\0\x01',
  '\0\xfb\x01\0\x01',
  '\0\xfb\xff\x07\0',
  '\x01\xfb\x21\0\x01',
];
/** Around where a part of a handle begins or ends, and around what a handle may be at all. */
const LENGTHS = [1, 1, 2, 3, 4, 5, 7, 8, 20, 21, 24, 25, 33, 36, 44, 127, 128, 0, 129];

/** A handle that was never given out: all zeros names nothing anywhere. */
export const HANDLE_ARBITRARIES = {
  /** What overlayfs makes and made, those of others, and what no file system has. */
  handleType: weighted<number>([
    [5, 0xf8],
    [5, 0xfb],
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 0x81],
    [1, 0xff],
  ]),
  handleBody: fc
    .tuple(fc.constantFrom(...LENGTHS), fc.constantFrom('', '\0\0\0'), fc.constantFrom(...HEADS))
    .map(([length, padding, head]) => (padding + head).slice(0, length).padEnd(length, '\0')),
} as const satisfies { readonly [K in keyof ArgKinds]?: fc.Arbitrary<ArgKinds[K]> };
