import { getTimes, type SunTimeName } from "suncalc";
import { DAY } from "../../lib/clock.ts";
import type { SolarEvent, SolarTiming } from "./timing.ts";

const NAMES = {
  DAWN_ASTRONOMICAL: "nightEnd",
  DAWN_NAUTICAL: "nauticalDawn",
  DAWN_CIVIL: "dawn",
  SUNRISE: "sunrise",
  SOLAR_NOON: "solarNoon",
  SUNSET: "sunset",
  DUSK_CIVIL: "dusk",
  DUSK_NAUTICAL: "nauticalDusk",
  DUSK_ASTRONOMICAL: "night",
} as const satisfies Record<SolarEvent, SunTimeName | "solarNoon">;

/** No event stays away for longer than a polar night or day; one that does never comes. */
const LONGEST_DAYS = 400;

/**
 * Returns the first slot after a time, in whole seconds; null at a place without the event. The
 * error is about a minute, as that of suncalc.
 */
export function nextSolarSlot({ event, latitude, longitude }: SolarTiming, after: number): number | null {
  // The solar day of a place is not that of UTC: begin a day before.
  for (let day = -1; day < LONGEST_DAYS; day += 1) {
    const time = getTimes(new Date(after + day * DAY), latitude, longitude)[NAMES[event]];
    const at = time === null ? Number.NaN : Math.round(time.getTime() / 1_000) * 1_000;
    if (at > after) return at;
  }
  return null;
}
