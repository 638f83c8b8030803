import { createRequire } from "node:module";
import type Cronstrue from "cronstrue/i18n.js";
import { DAY, HOUR, MINUTE, SECOND } from "../../lib/clock.ts";
import { normalizeCrontab, splitDayRule } from "./crontab-fields.ts";
import type { ClockChange } from "./clock-changes.ts";
import type { SolarEvent, Timing } from "./timing.ts";

// A CommonJS module whose exports Node and bundlers read differently when it is imported.
const cronstrue = createRequire(import.meta.url)("cronstrue/i18n.js") as typeof Cronstrue.default;

export const LANGUAGES = ["EN", "ZH_CN"] as const;
/** Languages of descriptions of timings. */
export type Language = (typeof LANGUAGES)[number];

const UNITS = [
  ["week", 7 * DAY, "周"],
  ["day", DAY, "天"],
  ["hour", HOUR, "小时"],
  ["minute", MINUTE, "分钟"],
  ["second", SECOND, "秒"],
  ["millisecond", 1, "毫秒"],
] as const;

const SOLAR: Readonly<Record<SolarEvent, readonly [string, string]>> = {
  DAWN_ASTRONOMICAL: ["astronomical dawn", "天文晨光始"],
  DAWN_NAUTICAL: ["nautical dawn", "航海晨光始"],
  DAWN_CIVIL: ["civil dawn", "民用晨光始"],
  SUNRISE: ["sunrise", "日出"],
  SOLAR_NOON: ["solar noon", "正午"],
  SUNSET: ["sunset", "日落"],
  DUSK_CIVIL: ["civil dusk", "民用昏影终"],
  DUSK_NAUTICAL: ["nautical dusk", "航海昏影终"],
  DUSK_ASTRONOMICAL: ["astronomical dusk", "天文昏影终"],
};

/** A timing in plain words: `every 5 seconds`, `每 5 秒`. */
export function describeTiming(timing: Timing, timeZone: string, language: Language): string {
  const english = language === "EN";
  switch (timing.kind) {
    case "interval":
      return describeInterval(timing.everyMs, english);
    case "crontab": {
      const words = describeCrontab(timing.expression, english);
      return english ? `${words} (${timeZone})` : `${words}(${timeZone})`;
    }
    case "clocked": {
      const time = localText(timing.at.getTime(), timeZone);
      return english ? `once, at ${time} (${timeZone})` : `一次,${time}(${timeZone})`;
    }
    case "solar": {
      const [name, chinese] = SOLAR[timing.event];
      const place = `${timing.latitude}, ${timing.longitude}`;
      return english ? `every day at ${name} at ${place}` : `每天${chinese}时(${place})`;
    }
  }
}

/** What a change of the clocks does to a timing, in plain words. */
export function describeClockChange(change: ClockChange, timeZone: string): string {
  const local = utcText(change.local);
  if (change.kind === "gap") {
    return `In ${timeZone} the clocks are set forward, and ${local} does not exist: what is due then is due at ${localText(change.at.getTime(), timeZone)}.`;
  }
  const due = change.twice ? "it is due both times" : "it is due once, at the first of the two";
  return `In ${timeZone} the clocks are set back, and ${local} exists twice: ${due}.`;
}

function describeInterval(everyMs: number, english: boolean): string {
  const parts: string[] = [];
  let left = everyMs;
  for (const [name, length, chinese] of UNITS) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) parts.push(english ? `${count} ${name}${count > 1 ? "s" : ""}` : `${count} ${chinese}`);
  }
  if (english) return `every ${parts.join(" ").replace(/^1 (\w+)$/, "$1")}`;
  return `每 ${parts.join(" ")}`;
}

function describeCrontab(expression: string, english: boolean): string {
  const fields = withEveryDay(normalizeCrontab(expression));
  const words = wordsOf(fields, english);
  // It has no words for some that croner reads, such as `1,15W`.
  if (words === null) return english ? `when "${fields}" fits` : `符合“${fields}”时`;
  const daily = /(?: \*){3}$/.test(fields) && /^(?:At |在 ?)\d\d:/.test(words);
  if (!english) return daily ? `每天 ${words.slice(1).trim()}` : words;
  const text = words[0]!.toLowerCase() + words.slice(1);
  return daily ? `every day ${text}` : text;
}

/**
 * Writes the weekdays `0-7` as `*`: both 0 and 7 are Sunday, so cronstrue writes "Sunday through
 * Sunday". A restricted day of the month then restricts nothing, since one of the two fields is
 * enough.
 */
function withEveryDay(fields: string): string {
  return fields.replace(/ (\S+) (\S+) (?:0|SUN)-7$/i, (_, day: string, month: string) => {
    return ` ${day.startsWith("*") ? day : "*"} ${month} *`;
  });
}

/** Null for what cronstrue has no words for. */
function wordsOf(normalized: string, english: boolean): string | null {
  const { fields, days } = splitDayRule(normalized);
  return days === "both" ? translate(fields, english) : eitherDay(fields, english);
}

/**
 * cronstrue joins the two fields of days by "and", also where one of them is enough: each is put
 * into words alone.
 */
function eitherDay(fields: string, english: boolean): string | null {
  const parts = fields.split(" ");
  const [day, month, weekday] = parts.splice(-3) as [string, string, string];
  const daysIn = (one: string, other: string): string | null =>
    translate([...parts, one, "*", other].join(" "), english);
  const clock = daysIn("*", "*");
  const both = [daysIn(day, "*"), daysIn("*", weekday)].map((words) =>
    clock !== null && words?.startsWith(`${clock}, `) ? words.slice(clock.length + 2) : null,
  );
  if (both.includes(null)) return null;
  const [ofMonth, ofWeek] = both.map((words) => words!.replace(english ? /^only / : /^[限仅]/, ""));
  const when = translate([...parts, "*", month, "*"].join(" "), english);
  return english ? `${when}, either ${ofMonth} or ${ofWeek}` : `${when}, ${ofMonth}或${ofWeek}`;
}

function translate(fields: string, english: boolean): string | null {
  const locale = english ? "en" : "zh_CN";
  // A list that holds `*` is all values, and cronstrue reads the star as one of them: "on day * and
  // 15".
  const plain = fields.split(" ").map((field) => (field.split(",").includes("*") ? "*" : field));
  try {
    return cronstrue.toString(plain.join(" "), {
      use24HourTimeFormat: true,
      locale,
      logicalAndDayFields: true,
    });
  } catch {
    return null;
  }
}

/** `2026-11-25 09:00:00`, as the clock on the wall shows it. */
function localText(moment: number, timeZone: string): string {
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(
    moment,
  );
}

function utcText(local: number): string {
  return new Date(local).toISOString().slice(0, 19).replace("T", " ");
}
