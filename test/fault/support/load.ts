import { appendFileSync } from "node:fs";

/**
 * `npm run test:fault -- --long`: the loads as they are written in the tests. Else a tenth of them.
 */
export const LONG = process.env.FAULT_LONG === "true";

/**
 * How many of something a test uses: `full`, or a tenth in the short form, but no fewer than
 * `least`.
 */
export function load(full: number, least = 1): number {
  return LONG ? full : Math.max(least, Math.round(full / 10));
}

/** One row of the table that `npm run test:fault` prints. */
export interface Figures {
  readonly test: string;
  readonly fault: string;
  readonly tasks: number;
  readonly lost: number;
  /**
   * Attempts that began beyond one for each task; of schedules, slots that were decided about more
   * than once.
   */
  readonly doubled: number;
  /** From the end of the last fault to the next task that began; null where nothing stood still. */
  readonly resumedMs: number | null;
  /** What else is worth knowing, as one short sentence. */
  readonly note?: string;
}

/** Notes what a test has measured. */
export function report(figures: Figures): void {
  const path = process.env.FAULT_REPORT;
  if (path) appendFileSync(path, `${JSON.stringify(figures)}\n`);
}
