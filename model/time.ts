/**
 * A time stamp as the model knows it: a value that somebody set, or "during step N", where step 0
 * is the set-up. A set value is compared exactly, a step by the clock before and after it. That
 * clock is moved on for each step where it is ours to set; elsewhere two steps may share a tick.
 */
export type Time = SetTime | number;

export interface SetTime {
  readonly sec: number;
  readonly nsec: number;
}

export function isSetTime(time: Time): time is SetTime {
  return typeof time !== 'number';
}
