import type { Errno } from './errno.ts';

/**
 * What a file, a file system or a mount remembers of an error: the last one, whether somebody was
 * told of it, and how often there was a new one after somebody had been.
 */
export interface Errseq {
  readonly errno: Errno | null;
  readonly isSeen: boolean;
  readonly count: number;
}

export const NO_ERROR: Errseq = { errno: null, isSeen: false, count: 0 };

/** An error that nobody was told of yet takes the place of another such one. */
export function withError({ isSeen, count }: Errseq, errno: Errno): Errseq {
  return { errno, isSeen: false, count: isSeen ? count + 1 : count };
}

/** Where somebody stands who begins to look now: before an error that nobody was told of. */
export function sampleOf(errors: Errseq): Errseq {
  return errors.isSeen ? errors : NO_ERROR;
}

/** The error that somebody who stands there was not told of yet. */
export function errorSince(errors: Errseq, since: Errseq): Errno | null {
  const { errno, isSeen, count } = errors;
  const isSame = since.errno === errno && since.isSeen === isSeen && since.count === count;
  return isSame ? null : errno;
}

/** Once somebody was told. */
export function asSeen(errors: Errseq): Errseq {
  return { ...errors, isSeen: true };
}
