/**
 * A time stamp as the model knows it: a value that somebody set, or "during step N", where step 0
 * is the set-up. Kernel clocks tick slower than steps run, so no more can be said; and no less is
 * compared: a set value exactly, a step by the clock before and after it.
 */
export type Time = SetTime | number;

export interface SetTime {
  readonly sec: number;
  readonly nsec: number;
}

export function isSetTime(time: Time): time is SetTime {
  return typeof time !== 'number';
}
