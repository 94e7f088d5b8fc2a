import type { Errno } from './errno.ts';

/**
 * What the model says a call returns: a value, or any one of some errnos. A success may name errnos
 * that it cannot exclude, for what hangs on an order that is not predicted. What a failure leaves
 * in the caller's memory is `told`, in words, where that means something.
 */
export type Prediction<T> =
  | { readonly ok: true; readonly value: T; readonly unless?: readonly Errno[] }
  | { readonly ok: false; readonly anyOf: readonly Errno[]; readonly told?: string };

/** A prediction that is a failure, whatever the call would have returned. */
export type Failure = Extract<Prediction<never>, { ok: false }>;

/** What the kernel returned: a value or one errno. An errno without a name keeps its number. */
export type Observation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errno: Errno | number; readonly told?: string };

export function succeed<T>(value: T): Prediction<T> {
  return { ok: true, value };
}

export function fail(...anyOf: readonly [Errno, ...Errno[]]): Failure {
  return { ok: false, anyOf };
}

/** A failure that says in the caller's memory what was wrong. */
export function failTelling(errno: Errno, told: string): Failure {
  return { ok: false, anyOf: [errno], told };
}

/** How a call within a step went, in words. */
export function sayOutcome(went: Prediction<unknown>): string {
  return went.ok ? 'done' : went.anyOf.join(' or ');
}

/** What stands for the bytes of a result when the call was only asked how many there are. */
export function unseenBytes(count: number): string {
  return '?'.repeat(count);
}
