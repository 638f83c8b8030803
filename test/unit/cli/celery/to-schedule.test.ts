import { describe, expect, test } from "vitest";
import type { CeleryRow, PeriodicTask } from "../../../../src/cli/celery/read-tables.ts";
import { toSchedule } from "../../../../src/cli/celery/to-schedule.ts";

const TASK: PeriodicTask = {
  name: "a",
  task: "proj.add",
  args: "[]",
  kwargs: "{}",
  headers: "{}",
  queue: null,
  exchange: null,
  routing_key: null,
  priority: null,
  expires: null,
  expire_seconds: null,
  one_off: false,
  start_time: null,
  enabled: true,
  total_run_count: 3,
  description: "",
};
const ROW: CeleryRow = {
  task: TASK,
  interval: { every: 5, period: "seconds" },
  crontab: null,
  solar: null,
  clocked: null,
};
const NOTHING = { interval: null, crontab: null, solar: null, clocked: null };

function convert(task: Partial<PeriodicTask>, row: Partial<CeleryRow> = {}, redisPriorities = false) {
  const taskMap = new Map([["proj.old", { name: "proj.new", positional: ["x", "y"] }]]);
  const options = { taskMap, redisPriorities, now: new Date("2026-06-01T00:00:00Z") };
  return toSchedule({ ...ROW, ...row, task: { ...TASK, ...task } }, options);
}

const made = (input: object, notes: readonly string[] = []) =>
  expect.objectContaining({ kind: "schedule", input: expect.objectContaining(input), notes });
const left = (reason: string) => ({ name: "a", kind: "left", reason });

describe("when a periodic task is due", () => {
  test.each<[Partial<CeleryRow>, object]>([
    [{ interval: { every: 2, period: "days" } }, { timing: { interval: { every: "P2D" } } }],
    [{ interval: { every: 3, period: "hours" } }, { timing: { interval: { every: "PT3H" } } }],
    [{ interval: { every: 90, period: "minutes" } }, { timing: { interval: { every: "PT1H30M" } } }],
    [{ interval: { every: 1, period: "seconds" } }, { timing: { interval: { every: "PT1S" } } }],
    [
      { interval: { every: 1_500_000, period: "microseconds" } },
      { timing: { interval: { every: "PT1.5S" } } },
    ],
    [
      {
        interval: null,
        crontab: {
          minute: "0",
          hour: "4",
          day_of_month: "*",
          month_of_year: "*",
          day_of_week: "*",
          timezone: "Asia/Shanghai",
        },
      },
      { timing: { crontab: "0 4 * * *" }, timeZone: "Asia/Shanghai" },
    ],
    [
      { interval: null, solar: { event: "solar_noon", latitude: 1.5, longitude: -2 } },
      { timing: { solar: { event: "SOLAR_NOON", latitude: 1.5, longitude: -2 } } },
    ],
    [
      { interval: null, clocked: { clocked_time: "2026-07-01T08:00:00+08:00" } },
      { timing: { clocked: "2026-07-01T00:00:00.000Z" } },
    ],
  ])("%j", (row, input) => {
    expect(convert({}, row)).toEqual(made(input));
  });

  test.each<[Partial<CeleryRow>, string]>([
    [
      { interval: { every: 999_999, period: "microseconds" } },
      "every 999999 microseconds is less than a second, the shortest interval here",
    ],
    [
      { interval: { every: 1_500_001, period: "microseconds" } },
      "every 1500001 microseconds is not an integer number of milliseconds",
    ],
    [{ interval: { every: 1, period: "weeks" } }, 'its interval has the unknown unit "weeks"'],
    [NOTHING, "it has no interval, crontab, solar or clocked time"],
    [{ clocked: { clocked_time: "2026-07-01T00:00:00Z" } }, "it has both interval and clocked"],
    [
      { interval: null, solar: { event: "moonrise", latitude: 0, longitude: 0 } },
      'there is no solar event "moonrise" here',
    ],
    [
      { interval: null, clocked: { clocked_time: "2026-05-01T00:00:00Z" } },
      "its time, 2026-05-01T00:00:00.000Z, has passed",
    ],
  ])("%j has no counterpart", (row, reason) => {
    expect(convert({}, row)).toEqual(left(reason));
  });
});

describe("other fields of a periodic task", () => {
  test("an old database lacks the columns of newer versions", () => {
    const { priority: _p, headers: _h, expire_seconds: _e, one_off: _o, start_time: _s, ...task } = TASK;
    const now = new Date();
    const row = { ...ROW, task };
    expect(toSchedule(row, { taskMap: new Map(), redisPriorities: false, now })).toEqual(
      made({ options: {}, maxRuns: null, startAt: null }),
    );
  });

  test.each<[Partial<PeriodicTask>, object, string[]?]>([
    [{ task: "proj.old" }, { taskName: "proj.new" }],
    [{ kwargs: '{"x": [1]}' }, { args: { x: [1] } }],
    [{ args: '[{"x": 1}]' }, { args: { x: 1 } }],
    [{ args: "", kwargs: "" }, { args: {} }],
    [{ queue: "slow" }, { options: { queue: "slow" } }],
    [{ expire_seconds: 90 }, { options: { expiresIn: "PT1M30S" } }],
    [{ expires: "2027-01-01T00:00:00+00:00" }, { endAt: new Date("2027-01-01T00:00:00Z") }],
    [{ start_time: "2020-01-01T00:00:00+00:00" }, { startAt: new Date("2020-01-01T00:00:00Z") }],
    [
      { enabled: false, description: "x" },
      { enabled: false, description: "x" },
    ],
    [
      { one_off: true, total_run_count: 0 },
      { maxRuns: 1, enabled: true },
    ],
    [
      { one_off: true },
      { maxRuns: 1, enabled: false },
      ["has run once, as it should, and is imported as disabled"],
    ],
    [
      { exchange: "e", routing_key: "r", headers: '{"h": 1}' },
      { options: {} },
      [
        'exchange "e" cannot be converted and is omitted',
        'routing key "r" cannot be converted and is omitted',
        'headers {"h":1} cannot be converted and is omitted',
      ],
    ],
  ])("%j", (task, input, notes = []) => {
    expect(convert(task)).toEqual(made(input, notes));
  });

  test.each([
    [0, "LOW", "CRITICAL"],
    [2, "LOW", "HIGH"],
    [3, "NORMAL", "HIGH"],
    [5, "NORMAL", "NORMAL"],
    [6, "HIGH", "NORMAL"],
    [8, "HIGH", "LOW"],
    [9, "CRITICAL", "LOW"],
    [255, "CRITICAL", "LOW"],
  ])("priority %d is %s, with Redis %s", (priority, rabbit, redis) => {
    const note = (name: string, order: string) => [`priority ${priority} becomes ${name} (${order})`];
    expect(convert({ priority })).toEqual(
      made({ options: { priority: rabbit } }, note(rabbit, "9 is the highest, as with RabbitMQ")),
    );
    expect(convert({ priority }, {}, true)).toEqual(
      made({ options: { priority: redis } }, note(redis, "0 is the highest, as with Redis")),
    );
  });

  test.each<[Partial<PeriodicTask>, string]>([
    [
      { args: "[1, 2]" },
      'it has positional arguments [1,2], and the input of a task is an object: name them with --task-map "old=new(first,second)"',
    ],
    [
      { args: '[{"x": 1}]', kwargs: '{"y": 2}' },
      'it has positional arguments [{"x":1}], and the input of a task is an object: name them with --task-map "old=new(first,second)"',
    ],
    [{ args: '{"x": 1}' }, 'its args are not an array: {"x":1}'],
    [{ kwargs: "[1]" }, "its kwargs are not an object: [1]"],
    [{ kwargs: '{"x": NaN}' }, 'its kwargs are not valid JSON: "{\\"x\\": NaN}"'],
    [{ headers: "{" }, 'its headers are not valid JSON: "{"'],
    [
      { kwargs: '{"x": "{{ slot }}"}' },
      "its arguments contain a template such as {{slot}}, which is replaced here",
    ],
    [{ expires: "2026-05-01T00:00:00+00:00" }, "it expired at 2026-05-01T00:00:00.000Z"],
  ])("%j has no counterpart", (task, reason) => {
    expect(convert(task)).toEqual(left(reason));
  });

  test("Celery's own clean-up is skipped", () => {
    expect(convert({ task: "celery.backend_cleanup" })).toMatchObject({ kind: "skipped" });
  });
});

test.each<[string, string, object | null]>([
  ["[1]", "{}", { x: 1 }],
  ["[1, 2]", '{"z": 3}', { x: 1, y: 2, z: 3 }],
  ["[1, 2, 3]", "{}", null],
])("positional arguments %s get their mapped names", (args, kwargs, expected) => {
  const converted = convert({ task: "proj.old", args, kwargs });
  expect(converted).toMatchObject(
    expected ? { kind: "schedule", input: { args: expected } } : { kind: "left" },
  );
});
