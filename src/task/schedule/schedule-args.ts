import type { Json } from "../../lib/json.ts";

/** What texts in a schedule's args may hold. */
export interface SlotValues {
  /** The slot; the present time for a run that somebody asked for. */
  readonly slot: Date;
  /** When the schedule fired before; null if it never did. */
  readonly lastRunAt: Date | null;
  /** Name of the schedule. */
  readonly name: string;
}

const PLACE = /\{\{\s*(slot|lastRunAt|name)\s*\}\}/g;

/**
 * Args with `{{slot}}`, `{{lastRunAt}}` and `{{name}}` replaced in all texts, times as ISO 8601 in UTC. A text that is nothing but
 * `{{lastRunAt}}` becomes null before the first run. Any other braces are left as they are.
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
  return text.replaceAll(PLACE, (_, key: keyof typeof values) => values[key]);
}
