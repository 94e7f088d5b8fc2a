/** SHA-256 of a string of bytes, as a string of bytes; there is nothing to import it from here. */

const WORD_BITS = 32;
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const WORDS = 16;

const PRIMES = firstPrimes(64);
/** The first bits behind the point of square and cube roots of the first primes. */
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));

export function sha256(bytes: string): string {
  const padding = BLOCK_BYTES - ((bytes.length + 1 + LENGTH_BYTES) % BLOCK_BYTES);
  const zeros = '\0'.repeat(padding % BLOCK_BYTES);
  const bits = bytes.length * 8;
  const length = bytesOfWord(Math.floor(bits / 2 ** WORD_BITS)) + bytesOfWord(bits);
  const all = `${bytes}\x80${zeros}${length}`;
  let state: readonly number[] = START;
  for (let at = 0; at < all.length; at += BLOCK_BYTES) state = compress(state, all, at);
  return state.map(bytesOfWord).join('');
}

function compress(state: readonly number[], bytes: string, at: number): readonly number[] {
  const words = Array.from({ length: WORDS }, (_, word) => wordAt(bytes, at + 4 * word));
  for (let round = WORDS; round < ROUNDS.length; round++) {
    const early = words[round - 15] ?? 0;
    const late = words[round - 2] ?? 0;
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    words.push(((words[round - 16] ?? 0) + small + (words[round - 7] ?? 0) + large) | 0);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (const [round, constant] of ROUNDS.entries()) {
    const choice = (e & f) ^ (~e & g);
    const fromE = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + fromE + choice + constant + (words[round] ?? 0)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const fromA = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    [h, g, f, e, d, c, b] = [g, f, e, (d + first) | 0, c, b, a];
    a = (first + fromA + majority) | 0;
  }
  return [a, b, c, d, e, f, g, h].map((word, index) => (word + (state[index] ?? 0)) | 0);
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (WORD_BITS - bits));
}

function wordAt(bytes: string, at: number): number {
  let word = 0;
  for (let byte = at; byte < at + 4; byte++) word = (word << 8) | bytes.charCodeAt(byte);
  return word;
}

function bytesOfWord(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** WORD_BITS) | 0;
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}
