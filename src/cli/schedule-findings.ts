import { SECOND } from "../lib/clock.ts";
import type { Finding } from "./findings.ts";
import { showSpan } from "./times.ts";

/** A beat looks twice a second; what waits longer than this waits for none. */
const OVERDUE_MS = 10 * SECOND;

/** @param nextDueInMs when beat has to look at a schedule next; negative when it should have done so already */
export function judgeSchedules(enabled: number, nextDueInMs: number | null): Finding[] {
  if (enabled === 0) return [];
  const overdueMs = -(nextDueInMs ?? 0);
  const what = `${enabled} schedule${enabled === 1 ? " is" : "s are"} enabled`;
  if (overdueMs <= OVERDUE_MS)
    return [{ check: "schedules", verdict: "good", what: `${what}, none is overdue.`, remedy: null }];
  return [
    {
      check: "schedules",
      verdict: "bad",
      what: `${what}, and the first was due ${showSpan(overdueMs)} ago: no beat runs, or none gets on.`,
      remedy: "Start `lovage beat`, or look at its log.",
    },
  ];
}
