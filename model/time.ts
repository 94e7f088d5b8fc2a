/**
 * A time stamp as the model knows it: a value that somebody set, or "during step N", where step 0
 * is the set-up. A set value is compared exactly, a step by the clock before and after it. That
 * clock is moved on for each step where it is ours to set; elsewhere two steps may share a tick.
 */
export type Time = SetTime | number | EitherTime;

export interface SetTime {
  readonly sec: number;
  readonly nsec: number;
}

/** Of two that are possible one: the file may have been stamped, or not. */
export interface EitherTime {
  readonly either: readonly [Time, Time];
}

export function isSetTime(time: Time): time is SetTime {
  return typeof time !== 'number' && !isEitherTime(time);
}

export function isEitherTime(time: Time): time is EitherTime {
  return typeof time !== 'number' && 'either' in time;
}
