import type { Errno } from './errno.ts';

/**
 * What the model says a call returns: a value, or any one of some errnos. A success may name errnos
 * that it cannot exclude, for what hangs on an order that is not predicted.
 */
export type Prediction<T> =
  | { readonly ok: true; readonly value: T; readonly unless?: readonly Errno[] }
  | { readonly ok: false; readonly anyOf: readonly Errno[] };

/** A prediction that is a failure, whatever the call would have returned. */
export type Failure = Extract<Prediction<never>, { ok: false }>;

/** What the kernel returned: a value or one errno. An errno without a name keeps its number. */
export type Observation<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errno: Errno | number };

export function succeed<T>(value: T): Prediction<T> {
  return { ok: true, value };
}

export function fail(...anyOf: readonly [Errno, ...Errno[]]): Failure {
  return { ok: false, anyOf };
}

/** What stands for the bytes of a result when the call was only asked how many there are. */
export function unseenBytes(count: number): string {
  return '?'.repeat(count);
}
