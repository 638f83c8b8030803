import type { Json } from "../../lib/json/json.ts";

/** Values of the placeholders in the args of a schedule. */
export interface SlotValues {
  /** The slot; the current time for a run on demand. */
  readonly slot: Date;
  /** Time of the previous run; null if there was none. */
  readonly lastRunAt: Date | null;
  /** Name of the schedule. */
  readonly name: string;
}

const PLACEHOLDER = /\{\{\s*(slot|lastRunAt|name)\s*\}\}/g;

/**
 * Returns args with `{{slot}}`, `{{lastRunAt}}` and `{{name}}` replaced in all strings. Times are
 * ISO 8601 in UTC. A string that consists of `{{lastRunAt}}` becomes null before the first run.
 * Other braces stay.
 */
export function fillArgs(args: Json, values: SlotValues): Json {
  if (typeof args === "string") return fillText(args, values);
  if (Array.isArray(args)) return args.map((item) => fillArgs(item as Json, values));
  if (args === null || typeof args !== "object") return args;
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, fillArgs(value as Json, values)]),
  );
}

function fillText(text: string, { slot, lastRunAt, name }: SlotValues): string | null {
  if (!text.includes("{{")) return text;
  if (lastRunAt === null && /^\{\{\s*lastRunAt\s*\}\}$/.test(text)) return null;
  const values = { slot: slot.toISOString(), lastRunAt: lastRunAt?.toISOString() ?? "", name };
  return text.replaceAll(PLACEHOLDER, (_, key: keyof typeof values) => values[key]);
}
