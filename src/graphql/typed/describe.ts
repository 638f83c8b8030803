import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { ValuePlan } from "./value-plan.ts";
import { describeLocation, type SchemaLocation } from "./json-schema.ts";

const MAX_SCHEMA_TEXT = 1_000;
const FORMATS: Readonly<Record<string, string>> = {
  email: "An e-mail address.",
  uuid: "A UUID.",
  date: "A date such as 2026-05-01.",
  time: "A time of day such as 09:30:00.",
  duration: "An ISO 8601 duration such as PT1H30M.",
  uri: "A URL.",
  ipv4: "An IPv4 address.",
  ipv6: "An IPv6 address.",
};

/**
 * Describes a field: the author's description, and the rules that its GraphQL type does not
 * express.
 */
export function describeField(
  schema: JsonObject,
  value: ValuePlan,
  location: SchemaLocation,
  hiddenDefault: Json | undefined,
): string {
  const written = schema["description"];
  const parts = [
    typeof written === "string" && written !== "" ? written : null,
    ...(value.kind === "enum" ? [] : rules(schema)),
    jsonText(schema, value),
    hiddenDefault === undefined ? null : `Default: ${shorten(JSON.stringify(hiddenDefault))}.`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(" ") : describeLocation(location);
}

function rules(schema: JsonObject): (string | null)[] {
  const { format, enum: values, const: only } = schema;
  return [
    typeof format === "string" ? (FORMATS[format] ?? null) : null,
    Array.isArray(values) ? `One of ${values.map((value) => JSON.stringify(value)).join(", ")}.` : null,
    only === undefined ? null : `Always ${JSON.stringify(only)}.`,
    range("characters", schema["minLength"], schema["maxLength"]),
    range("entries", schema["minItems"], schema["maxItems"]),
    range(null, schema["minimum"], schema["maximum"]),
    typeof schema["exclusiveMinimum"] === "number" ? `Above ${schema["exclusiveMinimum"]}.` : null,
    typeof schema["exclusiveMaximum"] === "number" ? `Below ${schema["exclusiveMaximum"]}.` : null,
  ];
}

function range(unit: string | null, min: Json | undefined, max: Json | undefined): string | null {
  const [from, to] = [min, max].map((bound) => (isTellingBound(bound) ? bound : null));
  const what = unit === null ? "" : ` ${unit}`;
  if (from !== null && to !== null) return `${from} to ${to}${what}.`;
  if (from !== null) return `At least ${from}${what}.`;
  return to === null ? null : `At most ${to}${what}.`;
}

/** Whether a bound is worth showing. The bounds of the number types themselves are not. */
function isTellingBound(bound: Json | undefined): bound is number {
  return typeof bound === "number" && Math.abs(bound) < 2 ** 31 - 1;
}

function jsonText(schema: JsonObject, value: ValuePlan): string | null {
  const innermost = innermostOf(value);
  if (innermost.kind !== "scalar" || innermost.scalar !== "JSON") return null;
  const { description: _description, default: _default, $schema: _dialect, $defs: _parts, ...rest } = schema;
  if (Object.keys(rest).length === 0) return "Any JSON.";
  return `JSON Schema: ${shorten(JSON.stringify(rest))}`;
}

function innermostOf(value: ValuePlan): ValuePlan {
  return value.kind === "list" ? innermostOf(value.item) : value;
}

function shorten(text: string): string {
  return text.length <= MAX_SCHEMA_TEXT
    ? text
    : `${text.slice(0, MAX_SCHEMA_TEXT)}… (the rest is in the definition's inputSchema)`;
}
