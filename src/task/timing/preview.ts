import type { Issue } from "../../errors.ts";
import { findTimingIssues } from "./check-timing.ts";
import { findClockChanges } from "./clock-changes.ts";
import { Occurrences } from "./occurrences.ts";
import type { Timing } from "./timing.ts";
import { describeClockChange, describeTiming, type Language } from "./words.ts";

/** What a timing would do. */
export interface TimingPreview {
  /** In plain words; null for a timing that is wrong. */
  readonly summary: string | null;
  readonly nextRuns: readonly Date[];
  /** Changes of the clocks within a year that it meets. */
  readonly warnings: readonly string[];
  readonly issues: readonly Issue[];
}

export interface PreviewRequest {
  readonly timing: Timing;
  /** IANA name. */
  readonly timeZone: string;
  readonly count: number;
  readonly language: Language;
  readonly now: Date;
  /** Where the timing stands in the caller's input. */
  readonly path: readonly string[];
}

export function previewTiming(request: PreviewRequest): TimingPreview {
  const { timing, timeZone, count, language, now, path } = request;
  const issues = findTimingIssues(timing, timeZone, now, path);
  if (issues.length > 0) return { summary: null, nextRuns: [], warnings: [], issues };
  return {
    summary: describeTiming(timing, timeZone, language),
    nextRuns: new Occurrences(timing, timeZone, now).take(count, now),
    warnings: findClockChanges(timing, timeZone, now).map((change) => describeClockChange(change, timeZone)),
    issues,
  };
}
