import { DAY, SECOND } from "../../lib/clock.ts";

/**
 * When a schedule is due. Words: a *slot* is one due time; *local time* is what a clock on the wall shows in the schedule's zone.
 *
 * Zones change their clocks. At a *gap* they are set forward and some local times do not exist; at an *overlap* they are set back and some
 * exist twice. What holds then:
 *
 * - **interval**, **clocked**, **solar**: nothing special. They are moments, or spans between moments, whatever the clocks show.
 * - **crontab with fixed hours** (its hour field names hours): each local time gives one slot. One that does not exist is due at the first
 *   moment after the gap; one that exists twice is due at the first of the two. So what runs once a day does so every day.
 * - **crontab at every hour, or every n-th** (its hour field begins with an asterisk, or names all 24): each real moment that fits is a
 *   slot: what does not exist is left out, what exists twice is due twice. So what runs every quarter of an hour goes on doing so.
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

/** Once a day, when the sun does something at a place. Days on which it does not (near the poles) have no slot. */
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
