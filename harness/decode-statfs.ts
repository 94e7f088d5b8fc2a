import type { StatfsView } from '../model/observation.ts';
import { readI64 } from './protocol/results.ts';

/** Where struct statfs of 64-bit machines has f_bsize, f_blocks and f_frsize, which stay. */
const COUNTS = [8, 16, 72] as const;
const FSID_AT = 56;

/** What the overlay says, and what the file system says that its top most layer is on. */
export function decodeStatfs(buffer: Buffer, layer: Buffer): StatfsView {
  const isSame = (at: number): boolean => readI64(buffer, at) === readI64(layer, at);
  return {
    type: readI64(buffer, 0),
    nameBytesMax: readI64(buffer, 64),
    fsid: isSame(FSID_AT) ? 'of the layer' : readI64(buffer, FSID_AT) === 0 ? 'none' : 'own',
    counts: COUNTS.every(isSame) ? 'of the layer' : 'own',
  };
}
