import { DAY, SECOND } from "../../lib/clock.ts";

/**
 * When a schedule is due. A *slot* is one due time. *Local time* is the time of a wall clock in the
 * zone of the schedule.
 *
 * Zones change their clocks. At a *gap* clocks are set forward, and some local times do not exist.
 * At an *overlap* they are set back, and some local times exist twice. The rules are:
 *
 * - **interval**, **clocked**, **solar**: not affected. They are real times, or durations between
 *   them.
 * - **crontab with fixed hours** (its hour field names hours): each local time is one slot. One
 *   that does not exist is due right after the gap; one that exists twice is due the first time. So
 *   a daily task runs every day.
 * - **crontab at every hour, or every n-th** (its hour field begins with an asterisk, or names all
 *   24): each real time that matches is a slot. Local times that do not exist are left out, those
 *   that exist twice are due twice. So a task of every quarter of an hour keeps its pace.
 */
export type Timing = IntervalTiming | CrontabTiming | ClockedTiming | SolarTiming;

/** Every so many milliseconds, counted from an anchor, so that slots do not drift. */
export interface IntervalTiming {
  readonly kind: "interval";
  readonly everyMs: number;
}

interface CrontabTiming {
  readonly kind: "crontab";
  /** 5 or 6 fields (the first of 6 is seconds), or a nickname such as `@daily`. */
  readonly expression: string;
}

/** Once. */
interface ClockedTiming {
  readonly kind: "clocked";
  readonly at: Date;
}

export const SOLAR_EVENTS = [
  "DAWN_ASTRONOMICAL",
  "DAWN_NAUTICAL",
  "DAWN_CIVIL",
  "SUNRISE",
  "SOLAR_NOON",
  "SUNSET",
  "DUSK_CIVIL",
  "DUSK_NAUTICAL",
  "DUSK_ASTRONOMICAL",
] as const;
export type SolarEvent = (typeof SOLAR_EVENTS)[number];

/**
 * Once a day, when the sun does something at a place. Days on which it does not (near the poles)
 * have no slot.
 */
export interface SolarTiming {
  readonly kind: "solar";
  readonly event: SolarEvent;
  /** Degrees, north is positive: -90 to 90. */
  readonly latitude: number;
  /** Degrees, east is positive: -180 to 180. */
  readonly longitude: number;
}

export const SHORTEST_INTERVAL_MS = SECOND;
/** A timing without a slot in so many years has none. */
export const HORIZON_YEARS = 10;
export const HORIZON_MS = HORIZON_YEARS * 366 * DAY;
