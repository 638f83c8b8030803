import { expect, test } from "vitest";
import { checkWanted } from "../../../../src/cli/commands/schedules/import-export.ts";
import { knownOf } from "../../../../src/cli/commands/schedules/check.ts";
import type { ListedSchedule } from "../../../../src/cli/commands/schedules/find.ts";
import { makePlan, planToJson, describePlan } from "../../../../src/cli/commands/schedules/plan.ts";
import {
  toFields,
  specOf,
  toCreateInput,
  toUpdateInput,
} from "../../../../src/cli/commands/schedules/record.ts";
import type { Issue } from "../../../../src/errors.ts";
import type { ScheduleInput } from "../../../../src/task/schedule/schedule-input.ts";

const KNOWN = knownOf("Asia/Shanghai", [
  ["any", { schema: null }],
  ["sum", { schema: { type: "object", properties: { x: { type: "number" } }, required: ["x"] } }],
  ["pay", { schema: { type: "object", properties: { pin: { type: "string" } } }, sensitive: ["pin"] }],
]);

/** A schedule as the server tells it. */
function listed(part: Partial<ListedSchedule> = {}): ListedSchedule {
  return {
    id: "01980000-0000-7000-8000-000000000000",
    name: "tick",
    description: null,
    enabled: true,
    taskName: "any",
    args: {},
    options: {},
    timing: { __typename: "IntervalTiming", every: "PT5S" },
    summary: "every 5 seconds",
    timeZone: "Asia/Shanghai",
    startAt: null,
    endAt: null,
    maxRuns: null,
    overlap: "ALLOW",
    misfire: "FIRE_ONCE",
    jitter: null,
    lastRunAt: null,
    totalRunCount: 0,
    source: "API",
    version: 3,
    problem: null,
    nextRuns: [],
    ...part,
  };
}

async function plan(
  inputs: readonly ScheduleInput[],
  present: readonly ListedSchedule[],
  { prune = false } = {},
) {
  const issues: Issue[] = [];
  const byName = new Map(present.map((schedule) => [schedule.name, schedule]));
  const wanted = [];
  for (const input of inputs)
    wanted.push(await checkWanted(input, KNOWN, byName.get(input.name) ?? null, issues));
  return { issues, plan: makePlan(wanted, present, prune) };
}

const TICK = { name: "tick", taskName: "any", timing: { interval: { every: "5s" } } } as const;

test("values that are written differently and mean the same are not a difference", async () => {
  const present = listed({
    options: { queue: "slow", expiresIn: "PT1M30S" },
    args: { b: 1, a: [1] },
    jitter: "PT1S",
    startAt: "2026-01-01T00:00:00.000Z",
  });
  const input: ScheduleInput = {
    ...TICK,
    timing: { interval: { every: 5_000 } },
    options: { expiresIn: "90s", queue: "slow" },
    args: { a: [1], b: 1 },
    jitter: "1000",
    startAt: "2026-01-01T08:00:00+08:00",
  };
  const found = await plan([input], [present]);
  expect(found.issues).toEqual([]);
  expect(describePlan(found.plan)).toEqual(["= 1 unchanged"]);
});

test("a sensitive value that does not fit is not shown", async () => {
  const found = await plan([{ ...TICK, taskName: "pay", args: { pin: 4_711_815 } }], []);
  expect(found.issues).toMatchObject([{ path: expect.arrayContaining(["args", "pin"]) }]);
  expect(JSON.stringify(found.issues)).not.toContain("4711815");
});

test("a diff has a line for every field, old and new", async () => {
  const present = [
    listed({ description: "old", maxRuns: 3, options: { queue: "slow" } }),
    listed({ name: "gone", id: "2" }),
    listed({ name: "code", id: "3", source: "CODE" }),
  ];
  const input: ScheduleInput = {
    ...TICK,
    timing: { crontab: "0 3 * * *" },
    timeZone: "UTC",
    endAt: "2090-01-01T00:00:00Z",
    overlap: "SKIP",
  };
  const { plan: found } = await plan([input, { ...TICK, name: "new" }], present, { prune: true });
  expect(describePlan(found)).toEqual([
    "+ new",
    '~ tick: description "old" -> null',
    '~ tick: options {"queue":"slow"} -> {}',
    '~ tick: timeZone "Asia/Shanghai" -> "UTC"',
    "~ tick: maxRuns 3 -> null",
    '~ tick: overlap "ALLOW" -> "SKIP"',
    '~ tick: timing {"interval":{"every":"PT5S"}} -> {"crontab":"0 3 * * *"}',
    '~ tick: endAt null -> "2090-01-01T00:00:00.000Z"',
    "- gone",
    "= 0 unchanged",
  ]);
  expect(planToJson(found)).toMatchObject({
    created: ["new"],
    deleted: ["gone"],
    updated: [{ name: "tick", changes: expect.arrayContaining([{ field: "maxRuns", from: 3, to: null }]) }],
  });
  expect(toUpdateInput(present[0]!, found.updates[0]!.changes)).toEqual({
    by: { id: present[0]!.id },
    version: 3,
    description: null,
    options: {},
    timeZone: "UTC",
    maxRuns: null,
    overlap: "SKIP",
    timing: { crontab: "0 3 * * *" },
    endAt: "2090-01-01T00:00:00.000Z",
  });
  expect(toCreateInput(found.creates[0]!)).toMatchObject({
    name: "new",
    enabled: true,
    timeZone: "Asia/Shanghai",
  });
});

test("whether it is enabled stays as set by hand, unless the file has the field", async () => {
  const present = [listed({ enabled: false })];
  expect(describePlan((await plan([TICK], present)).plan)).toEqual(["= 1 unchanged"]);
  expect(describePlan((await plan([{ ...TICK, enabled: true }], present)).plan)).toEqual([
    "~ tick: enabled false -> true",
    "= 0 unchanged",
  ]);
});

test("nothing is deleted without being asked", async () => {
  expect((await plan([], [listed()])).plan.deletes).toEqual([]);
});

test("a schedule of the code is not changed, but for whether it is enabled", async () => {
  const present = [listed({ source: "CODE" })];
  expect((await plan([{ ...TICK, enabled: false }], present)).issues).toEqual([]);
  expect((await plan([{ ...TICK, maxRuns: 1 }], present)).issues).toEqual([
    {
      code: "UNSUPPORTED",
      path: ["tick"],
      message: 'comes from code, and this would change ["maxRuns"]. It can only be enabled or disabled.',
      hint: "Rename it, or remove it from the file.",
    },
  ]);
});

test("everything is checked as the server will", async () => {
  const inputs: ScheduleInput[] = [
    { ...TICK, name: "a", taskName: "sun" },
    { ...TICK, name: "b", taskName: "sum", args: { x: "{{slot}}", y: 1 } },
    { ...TICK, name: "c", timing: { crontab: "0 25 * * *" }, timeZone: "Europe/Wien" },
    { ...TICK, name: "d", options: { runAt: "x" as never }, maxRuns: 0 },
  ];
  const { issues } = await plan(inputs, []);
  expect(issues.map(({ path, message, hint }) => [path.join("."), message, hint])).toEqual([
    ["a.taskName", 'Task "sun" is not registered.', 'Did you mean "sum"? See `lovage definitions`.'],
    ["b.args.x", expect.stringMatching(/^expected number, got "20.*Z"\.$/), undefined],
    ["b.args.y", "is not allowed.", "Allowed: x."],
    [
      "c.timeZone",
      'expected the IANA name of a time zone, got "Europe/Wien".',
      'Did you mean "Europe/Vienna"?',
    ],
    ["c.timing.crontab", "Field hour: 25 is over 23 (position 3).", 'For example "30 9 * * MON-FRI".'],
    ["d.options.runAt", "cannot be used in a schedule: its slots decide when.", "Leave it out."],
    ["d.maxRuns", "expected an integer from 1 to 2147483647, got 0.", undefined],
  ]);
});

test.each<ListedSchedule["timing"]>([
  { __typename: "IntervalTiming", every: "PT5S" },
  { __typename: "CrontabTiming", expression: "@daily" },
  { __typename: "ClockedTiming", at: "2030-01-01T00:00:00.000Z" },
  { __typename: "SolarTiming", event: "SUNSET", latitude: 1, longitude: 2 },
])("values from the server equal the values sent to it: %j", (timing) => {
  const { __typename: kind, ...fields } = timing;
  const said = toFields(specOf(listed({ timing }))).timing;
  const value = Object.values(said!)[0] as unknown;
  const single = kind === "CrontabTiming" || kind === "ClockedTiming";
  expect(value).toEqual(single ? Object.values(fields)[0] : fields);
});
