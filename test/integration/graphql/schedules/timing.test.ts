import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

async function preview(timing: string, more = ""): Promise<Record<string, unknown>> {
  const { previewTiming } = await api.data(
    `{ previewTiming(timing: ${timing}${more}) { summary nextRuns warnings errors { code message path hint } } }`,
  );
  return previewTiming as Record<string, unknown>;
}

test("a timing is described in words and by its next runs", async () => {
  const answer = await preview('{ crontab: "0 9 * * *" }', ', timeZone: "Asia/Shanghai", count: 3');
  expect(answer).toMatchObject({ summary: "every day at 09:00 (Asia/Shanghai)", warnings: [], errors: [] });
  const runs = (answer.nextRuns as string[]).map((run) => run.slice(11));
  expect(runs).toEqual(["01:00:00.000Z", "01:00:00.000Z", "01:00:00.000Z"]);
  expect(await preview('{ interval: { every: "5s" } }', ", language: ZH_CN")).toMatchObject({
    summary: "每 5 秒",
  });
  expect(await preview('{ crontab: "*/5 * * * *" }', ', timeZone: "UTC", language: ZH_CN')).toMatchObject({
    summary: "每隔 5 分钟(UTC)",
  });
  expect(await preview("{ solar: { event: SUNSET, latitude: 31.2, longitude: 121.5 } }")).toMatchObject({
    summary: "every day at sunset at 31.2, 121.5",
    errors: [],
  });
});

test("the runs of an interval have its distance, five of them by default", async () => {
  const { nextRuns } = await preview('{ interval: { every: "PT90S" } }');
  const times = (nextRuns as string[]).map((run) => Date.parse(run));
  expect(times).toHaveLength(5);
  expect(times.slice(1).map((time, index) => time - times[index]!)).toEqual([90_000, 90_000, 90_000, 90_000]);
});

test("changes of the clocks within the preview are reported", async () => {
  const { warnings } = await preview('{ crontab: "30 2 * * *" }', ', timeZone: "Europe/Vienna"');
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /set forward, and \d{4}-03-\d\d 02:30:00 does not exist: what is due then is due at \d{4}-03-\d\d 03:00:00\.$/,
      ),
      expect.stringMatching(
        /set back, and \d{4}-10-\d\d 02:30:00 exists twice: it is due once, at the first of the two\.$/,
      ),
    ]),
  );
  expect((await preview('{ crontab: "30 5 * * *" }', ', timeZone: "Europe/Vienna"')).warnings).toEqual([]);
  expect((await preview('{ crontab: "30 2 * * *" }', ', timeZone: "Asia/Shanghai"')).warnings).toEqual([]);
});

test.each([
  [
    '{ crontab: "0 61 * * *" }',
    ["timing", "crontab"],
    "timing.crontab: Field hour: 61 is over 23 (position 3).",
  ],
  [
    '{ crontab: "* * *" }',
    ["timing", "crontab"],
    /^timing\.crontab: The expression has 3 fields; .*\(position 1\)\.$/,
  ],
  [
    '{ crontab: "0 0 31 2 *" }',
    ["timing", "crontab"],
    "timing.crontab: This schedule has no run in the next 10 years.",
  ],
  [
    '{ interval: { every: "500ms" } }',
    ["timing", "interval", "every"],
    /^timing\.interval\.every: expected PT1S to P3660D, got 0\.5 s\.$/,
  ],
  [
    '{ clocked: "2020-01-01T00:00:00Z" }',
    ["timing", "clocked"],
    /^timing\.clocked: expected a time after .*, got 2020-01-01/,
  ],
  [
    "{ solar: { event: SUNRISE, latitude: 91, longitude: 0 } }",
    ["timing", "solar", "latitude"],
    "timing.solar.latitude: expected from -90 to 90, got 91.",
  ],
])("%s is refused as data, with its path and the remedy", async (timing, path, message) => {
  const { errors, ...rest } = await preview(timing);
  expect(rest).toEqual({ summary: null, nextRuns: [], warnings: [] });
  const text = typeof message === "string" ? message : expect.stringMatching(message);
  expect(errors).toEqual([{ code: "INVALID_INPUT", path, message: text, hint: expect.stringMatching(/\w/) }]);
});

test.each([
  [
    '{ crontab: "@daily" }, timeZone: "Europe/Wien"',
    /TimeZone: expected the IANA name of a time zone, got "Europe\/Wien"\. Did you mean "Europe\/Vienna"\?/,
  ],
  ['{ crontab: "@daily" }, timeZone: "Asia/Beijing"', /Did you mean "Asia\/Shanghai"\?/],
  ['{ crontab: "@daily" }, timeZone: "constructor"', /For example "Asia\/Shanghai"/],
  ['{ crontab: "@daily" }, timeZone: ""', /For example "Asia\/Shanghai"/],
  ['{ crontab: "@daily" }, count: 0', /count: expected 1 to 100, got 0/],
  ['{ crontab: "@daily", interval: { every: 1000 } }', /OneOf|exactly one/i],
  ["{}", /OneOf|exactly one/i],
])("an invalid timing is an error: %s", async (timing, message) => {
  const { errors } = await api.run(`{ previewTiming(timing: ${timing}) { summary } }`);
  expect(errors?.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
});
