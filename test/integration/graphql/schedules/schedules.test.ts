import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Data, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { CREATE, ERRORS, ScheduleCalls } from "../schedule-calls.ts";

let api: Api;
let calls: ScheduleCalls;
beforeAll(async () => {
  api = await openApi(DEFINITIONS);
  calls = new ScheduleCalls(api);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => calls.clear());

describe("createSchedule", () => {
  test("stores all given fields, and sets defaults for the rest", async () => {
    const all = {
      name: "每日 report",
      timing: { crontab: "30 9 * * MON-FRI" },
      timeZone: "Asia/Shanghai",
      options: {
        queue: "mail",
        priority: "HIGH",
        expiresIn: "5m",
        tags: ["nightly"],
        maxAttempts: 2,
        timeLimit: "90s",
        softTimeLimit: "1m",
      },
      description: "Sums.",
      startAt: "2030-01-01T00:00:00Z",
      endAt: "2031-01-01T00:00:00Z",
      maxRuns: 10,
      overlap: "SKIP",
      misfire: "CATCH_UP",
      jitter: "10s",
    };
    expect(await calls.made(all)).toMatchObject({
      ...all,
      taskName: "math.add",
      args: { x: 1, y: 2 },
      options: { ...all.options, expiresIn: "PT5M", timeLimit: "PT1M30S", softTimeLimit: "PT1M" },
      timing: { __typename: "CrontabTiming", expression: "30 9 * * MON-FRI" },
      startAt: "2030-01-01T00:00:00.000Z",
      endAt: "2031-01-01T00:00:00.000Z",
      jitter: "PT10S",
      enabled: true,
      source: "API",
      version: 1,
      totalRunCount: 0,
      lastRunAt: null,
      problem: null,
      summary: expect.stringContaining("09:30"),
      chinese: expect.stringContaining("星期一"),
      nextRuns: ["2030-01-01T01:30:00.000Z", "2030-01-02T01:30:00.000Z"],
    });
    expect(await calls.made()).toMatchObject({
      timeZone: expect.any(String),
      overlap: "ALLOW",
      misfire: "FIRE_ONCE",
      options: {},
      jitter: null,
    });
  });

  test.each([
    [{ interval: { every: "90s" } }, { __typename: "IntervalTiming", every: "PT1M30S" }],
    [{ clocked: "2040-02-03T04:05:06Z" }, { __typename: "ClockedTiming", at: "2040-02-03T04:05:06.000Z" }],
    [
      { solar: { event: "SUNSET", latitude: 48.2, longitude: 16.4 } },
      { __typename: "SolarTiming", event: "SUNSET", latitude: 48.2, longitude: 16.4 },
    ],
  ])("%j", async (timing, read) => {
    expect((await calls.made({ timing })).timing).toEqual(read);
  });

  test.each<[string, object, string, string[], string]>([
    [
      "a name without letters",
      { name: " " },
      "INVALID_INPUT",
      ["input", "name"],
      "1 to 128 visible characters",
    ],
    [
      "a task that nobody knows",
      { taskName: "math.ad" },
      "NOT_REGISTERED",
      ["input", "taskName"],
      'Task "math.ad" is not registered.',
    ],
    [
      "args that do not fit",
      { args: { x: "one", y: 2 } },
      "INVALID_INPUT",
      ["input", "args", "x"],
      "expected number",
    ],
    [
      "an unknown arg",
      { args: { x: 1, y: 2, z: 3 } },
      "INVALID_INPUT",
      ["input", "args", "z"],
      "is not allowed",
    ],
    [
      "a wrong crontab",
      { timing: { crontab: "0 25 * * *" } },
      "INVALID_INPUT",
      ["input", "timing", "crontab"],
      "(position 3)",
    ],
    [
      "a crontab that never fires",
      { timing: { crontab: "0 0 31 2 *" } },
      "INVALID_INPUT",
      ["input", "timing", "crontab"],
      "no run in the next 10 years",
    ],
    [
      "an interval below a second",
      { timing: { interval: { every: "500ms" } } },
      "INVALID_INPUT",
      ["input", "timing", "interval", "every"],
      "got 0.5 s",
    ],
    [
      "a time in the past",
      { timing: { clocked: "2020-01-01T00:00:00Z" } },
      "INVALID_INPUT",
      ["input", "timing", "clocked"],
      "expected a time after",
    ],
    [
      "an end before the start",
      { startAt: "2030-01-02T00:00:00Z", endAt: "2030-01-01T00:00:00Z" },
      "INVALID_INPUT",
      ["input", "endAt"],
      "expected startAt (2030-01-02",
    ],
    [
      "an end in the past",
      { endAt: "2020-01-01T00:00:00Z" },
      "INVALID_INPUT",
      ["input", "endAt"],
      "expected a time after",
    ],
    ["no run at all", { maxRuns: 0 }, "INVALID_INPUT", ["input", "maxRuns"], "from 1 to"],
    ["too much jitter", { jitter: "2d" }, "INVALID_INPUT", ["input", "jitter"], "up to 1 day"],
    [
      "an option of a single task",
      { options: { runAt: "2030-01-01T00:00:00Z" } },
      "INVALID_INPUT",
      ["input", "options", "runAt"],
      "its slots decide when",
    ],
    [
      "an idempotency key",
      { options: { idempotencyKey: "k" } },
      "INVALID_INPUT",
      ["input", "options", "idempotencyKey"],
      "cannot be used in a schedule",
    ],
    [
      "an option out of range",
      { options: { maxAttempts: 0 } },
      "INVALID_INPUT",
      ["input", "options", "maxAttempts"],
      "from 1 to 1000",
    ],
  ])("refuses %s", async (_, input, code, path, message) => {
    const { schedule, errors } = await calls.create(input);
    expect(schedule).toBeNull();
    expect(errors).toMatchObject([{ code, path, message: expect.stringContaining(message) }]);
    expect(await api.services.stores.schedules.count({})).toBe(0);
  });

  test("refuses a name that is taken", async () => {
    await calls.made();
    expect(await calls.create()).toMatchObject({
      schedule: null,
      errors: [
        {
          code: "ALREADY_EXISTS",
          path: ["input", "name"],
          message: 'input.name: A schedule named "sum" exists.',
        },
      ],
    });
  });

  test("refuses an unknown zone with the nearest known one", async () => {
    const { errors } = await api.run(CREATE, {
      input: { name: "x", taskName: "math.add", timing: { crontab: "@daily" }, timeZone: "Europe/Wien" },
    });
    expect(errors![0]!.message).toContain("Europe/Vienna");
  });
});

describe("updateSchedule", () => {
  test("changes the given fields, keeps the rest, and removes fields that are null", async () => {
    const { id, version } = await calls.made({ description: "Sums.", maxRuns: 3, jitter: "5s" });
    const { schedule } = await calls.update({
      by: { id },
      version,
      args: { x: 5, y: 5 },
      maxRuns: null,
      description: null,
      overlap: "QUEUE",
    });
    expect(schedule).toMatchObject({
      ...{
        name: "sum",
        args: { x: 5, y: 5 },
        maxRuns: null,
        description: null,
        overlap: "QUEUE",
        jitter: "PT5S",
      },
      version: 2,
    });
    expect((await calls.update({ by: { id }, version: 2, overlap: "QUEUE" })).schedule).toMatchObject({
      version: 2,
    });
  });

  test("of a version that changed since is a CONFLICT with the current one", async () => {
    const { id } = await calls.made();
    await calls.update({ by: { id }, version: 1, maxRuns: 5 });
    expect(await calls.update({ by: { id }, version: 1, maxRuns: 6 })).toMatchObject({
      schedule: null,
      errors: [
        {
          code: "CONFLICT",
          path: ["input", "version"],
          message: 'input.version: "sum" was changed since version 1; it is at version 2 now.',
        },
      ],
    });
  });

  test.each<[string, object, string, string[]]>([
    ["another's name", { name: "other" }, "ALREADY_EXISTS", ["input", "name"]],
    ["args that do not fit", { args: { x: "one" } }, "INVALID_INPUT", ["input", "args", "x"]],
    [
      "a time in the past",
      { timing: { clocked: "2020-01-01T00:00:00Z" } },
      "INVALID_INPUT",
      ["input", "timing", "clocked"],
    ],
  ])("refuses %s", async (_, change, code, path) => {
    await calls.made({ name: "other" });
    const { id, version } = await calls.made();
    const { schedule, errors } = await calls.update({ by: { id }, version, ...change });
    expect(schedule).toBeNull();
    expect((errors as Data[])[0]).toMatchObject({ code, path });
  });

  test("refuses keys that no schedule has", async () => {
    expect(await calls.update({ by: { id: newId() }, version: 1 })).toMatchObject({
      errors: [{ code: "NOT_FOUND", path: ["input", "by"] }],
    });
    expect(await calls.update({ by: { id: "x" }, version: 1 })).toMatchObject({
      errors: [{ code: "INVALID_INPUT", path: ["input", "by", "id"] }],
    });
    expect(await calls.update({ by: { name: "nobody\u0000" }, version: 1 })).toMatchObject({
      errors: [{ code: "NOT_FOUND", path: ["input", "by", "name"] }],
    });
  });

  test("a schedule of the code can be disabled, and nothing else", async () => {
    const timing = { interval: { every: "1h" } };
    const code = await api.services.schedules.create(
      { name: "coded", taskName: "math.add", timing, args: { x: 1, y: 1 } },
      { source: "CODE" },
    );
    const { id } = code;
    expect(await calls.update({ by: { id }, version: 1, maxRuns: 1 })).toMatchObject({
      schedule: null,
      errors: [{ code: "UNSUPPORTED" }],
    });
    expect(await calls.update({ by: { id }, version: 1, enabled: false })).toMatchObject({
      schedule: { enabled: false, source: "CODE" },
    });
    const deleted = await api.data(
      `mutation ($ids: [ID!]!) { deleteSchedules(input: { select: { ids: $ids } }) { deletedCount ${ERRORS} } }`,
      { ids: [id] },
    );
    expect(deleted.deleteSchedules).toMatchObject({ deletedCount: 0, errors: [{ code: "UNSUPPORTED" }] });
  });
});
