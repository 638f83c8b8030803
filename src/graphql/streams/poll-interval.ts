import { MINUTE } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { badUserInput } from "../errors.ts";

const MIN_INTERVAL = 200;
const MAX_INTERVAL = MINUTE;
/** Intervals are rounded up to steps, so that many subscribers share few reads. */
const STEP = 100;

/** An interval that a subscriber asked for, in milliseconds. @throws GraphQLError (BAD_USER_INPUT) for one that is too short or too long */
export function pollInterval(interval: number): number {
  if (interval >= MIN_INTERVAL && interval <= MAX_INTERVAL) return Math.ceil(interval / STEP) * STEP;
  const [min, max, got] = [MIN_INTERVAL, MAX_INTERVAL, interval].map(formatDuration);
  throw badUserInput(`interval must be ${min}..${max}, got ${got}.`);
}
