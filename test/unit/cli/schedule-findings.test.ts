import { expect, test } from "vitest";
import { judgeSchedules } from "../../../src/cli/doctor/findings.ts";

test.each<[number, number | null, string | null, string]>([
  [0, -60_000, null, ""],
  [1, null, "good", "1 schedule is enabled, none is overdue."],
  [3, 5_000, "good", "3 schedules are enabled, none is overdue."],
  [3, -9_000, "good", "none is overdue"],
  [3, -61_000, "bad", "the first was due 1 m 1 s ago: no beat runs"],
])("%i enabled, the first due in %s ms", (enabled, dueInMs, verdict, what) => {
  const findings = judgeSchedules(enabled, dueInMs);
  if (verdict === null) expect(findings).toEqual([]);
  else expect(findings).toMatchObject([{ verdict, what: expect.stringContaining(what) }]);
});
