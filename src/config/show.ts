import { formatBytes } from "../lib/bytes.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../lib/clock.ts";
import type { Autoscale } from "../task/records/worker-settings.ts";
import { maskValue } from "./mask.ts";
import { type ConfigKey, settingOf } from "./settings.ts";

const UNITS = [
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
] as const;

/** Returns the value of a setting as users write it, without secrets. Empty if there is none. */
export function showSetting(key: ConfigKey, value: unknown): string {
  const setting = settingOf(key);
  const masked = maskValue(value, setting);
  if (masked === null || masked === undefined) return "";
  if (Array.isArray(masked))
    return masked
      .map((item) => (typeof item === "string" ? item : JSON.stringify(item, withCode)))
      .join(", ");
  if (setting.duration && typeof masked === "number") return showDuration(masked);
  if (setting.bytes && typeof masked === "number") return formatBytes(masked);
  if (setting.counts) return showCounts(masked as Readonly<Record<string, number>>);
  if (key === "autoscale") return showAutoscale(masked as Autoscale);
  return typeof masked === "string" ? masked : JSON.stringify(masked);
}

function showCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}=${count}`)
    .join(",");
}

function showAutoscale({ min, max }: Autoscale): string {
  return `${max},${min}`;
}

/** Returns values that JSON does not have as words. */
function withCode(_key: string, value: unknown): unknown {
  if (value instanceof RegExp) return String(value);
  return typeof value === "function" ? `function ${value.name}`.trim() : value;
}

/** Returns a duration such as `"30s"` or `"90m"`. Uses whole units, so that nothing is rounded. */
function showDuration(milliseconds: number): string {
  const unit = UNITS.find(([, size]) => milliseconds >= size && milliseconds % size === 0);
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`;
}
