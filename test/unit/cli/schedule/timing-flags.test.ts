import { expect, test } from "vitest";
import { readTimingFlags } from "../../../../src/cli/commands/schedules/flags.ts";
import type { Issue } from "../../../../src/errors.ts";

function read(flags: Readonly<Record<string, string>>) {
  const issues: Issue[] = [];
  const timing = readTimingFlags({ text: (name) => flags[name] ?? null }, issues);
  return { timing, issues: issues.map(({ path, message, hint }) => [path.join("."), message, hint]) };
}

test.each([
  [{ every: "5s" }, { kind: "interval", everyMs: 5_000 }],
  [{ every: "PT1H" }, { kind: "interval", everyMs: 3_600_000 }],
  [{ cron: "30 9 * * *" }, { kind: "crontab", expression: "30 9 * * *" }],
  [{ at: "2030-05-01T09:00:00+02:00" }, { kind: "clocked", at: new Date("2030-05-01T07:00:00Z") }],
  [
    { solar: "solar-noon", latitude: "-33.9", longitude: "18" },
    { kind: "solar", event: "SOLAR_NOON", latitude: -33.9, longitude: 18 },
  ],
  [
    { solar: "DAWN_CIVIL", latitude: "1", longitude: "2" },
    { kind: "solar", event: "DAWN_CIVIL", latitude: 1, longitude: 2 },
  ],
  [{}, null],
])("%j", (flags, timing) => {
  expect(read(flags as Readonly<Record<string, string>>)).toEqual({ timing, issues: [] });
});

const FORMS = 'expected a duration such as "90s", "5m", "1d", "PT1H30M", or whole milliseconds';
const PLACE = "For example --latitude 48.21 --longitude 16.37.";

test.each<[Readonly<Record<string, string>>, readonly unknown[][]]>([
  [{ every: "soon" }, [["timing.interval", `${FORMS}, got "soon".`, undefined]]],
  [
    { at: "2030-05-01T09:00:00" },
    [
      [
        "timing.clocked",
        'expected a timestamp with a time zone (ISO 8601), from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, got "2030-05-01T09:00:00".',
        "For example 2030-05-01T09:00:00Z.",
      ],
    ],
  ],
  [
    { every: "5s", cron: "* * * * *" },
    [["", "expected one of --every, --cron, --at and --solar, got --every and --cron.", undefined]],
  ],

  [
    { solar: "sunrize", latitude: "north", longitude: "2" },
    [
      [
        "timing.solar",
        'expected one of dawn-astronomical, dawn-nautical, dawn-civil, sunrise, solar-noon, sunset, dusk-civil, dusk-nautical, dusk-astronomical, got "sunrize".',
        'Did you mean "sunrise"?',
      ],
      ["timing.solar.latitude", 'expected degrees, got "north".', PLACE],
    ],
  ],
  [
    { solar: "sunset" },
    [
      ["timing.solar.latitude", "expected with --solar.", PLACE],
      ["timing.solar.longitude", "expected with --solar.", PLACE],
    ],
  ],
])("%j is refused", (flags, issues) => {
  expect(read(flags)).toEqual({ timing: null, issues });
});

test("a position without the sun is refused", () => {
  expect(read({ every: "5s", latitude: "1" }).issues).toEqual([
    ["timing.solar.latitude", "expected only with --solar.", undefined],
  ]);
});
