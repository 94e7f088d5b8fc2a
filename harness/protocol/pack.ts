import { LIMIT } from './protocol.ts';

/**
 * Packing, for a channel on which each byte is dear. A token below 128 is followed by that many
 * bytes and one more. Any other stands for a copy of what was before, as many bytes as its low bits
 * say and `packCopyBytes` more, from as far back as the u16 says that follows.
 */
const TOKEN_COPY = 128;
const LITERAL_BYTES_MAX = TOKEN_COPY;
const COPY_BYTES_MIN = LIMIT.packCopyBytes;
const COPY_BYTES_MAX = COPY_BYTES_MIN + TOKEN_COPY - 1;
const DISTANCE_MAX = 0xffff;
const HASH_BITS = 13;
const HASH_FACTOR = 0x9e3779b1;

/** At most one byte in 128 longer than what is packed; programs become about a tenth. */
export function pack(data: Buffer): Buffer {
  const packed = Buffer.alloc(data.length + Math.ceil(data.length / LITERAL_BYTES_MAX));
  /** By a hash of four bytes: one more than where they were last. */
  const last = new Int32Array(1 << HASH_BITS);
  let to = 0;
  let literals = 0;
  const flush = (end: number): void => {
    while (literals < end) {
      const bytes = Math.min(LITERAL_BYTES_MAX, end - literals);
      packed[to++] = bytes - 1;
      to += data.copy(packed, to, literals, literals + bytes);
      literals += bytes;
    }
  };
  let at = 0;
  while (at + COPY_BYTES_MIN <= data.length) {
    const hash = Math.imul(data.readInt32LE(at), HASH_FACTOR) >>> (32 - HASH_BITS);
    const from = (last[hash] ?? 0) - 1;
    last[hash] = at + 1;
    const bytes = from < 0 || at - from > DISTANCE_MAX ? 0 : commonBytes(data, from, at);
    if (bytes < COPY_BYTES_MIN) {
      at++;
      continue;
    }
    flush(at);
    packed[to++] = TOKEN_COPY + bytes - COPY_BYTES_MIN;
    to = packed.writeUInt16LE(at - from, to);
    at += bytes;
    literals = at;
  }
  flush(data.length);
  return packed.subarray(0, to);
}

function commonBytes(data: Buffer, from: number, at: number): number {
  const max = Math.min(COPY_BYTES_MAX, data.length - at);
  let bytes = 0;
  while (bytes < max && data[from + bytes] === data[at + bytes]) bytes++;
  return bytes;
}
