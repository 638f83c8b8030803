/**
 * Where a process reads the time. Tests pass their own. Due times and slots use the database's
 * clock instead.
 */
export interface Clock {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds from an arbitrary start that never go backwards: for deadlines and intervals. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The longest delay of a timer, about 24.8 days. Node runs a timer with a longer one at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
