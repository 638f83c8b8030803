import { show } from "../lib/quote.ts";
import {
  GraphQLError,
  GraphQLScalarType,
  type IntValueNode,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from "graphql";
import { DURATION_FORMS, formatDuration, parseDuration } from "../lib/duration.ts";
import type { Json, JsonObject } from "../lib/json.ts";
import { parseTimestamp, TIMESTAMP_RULE } from "../lib/timestamp.ts";
import { isTimeZone, nearestTimeZone } from "../task/timing/zone-names.ts";

interface ScalarRules<Value> {
  readonly name: string;
  readonly description: string;
  /** Completes "must be …". */
  readonly rule: string;
  readonly example: string;
  /** What to say of a value that cannot be read, in place of the example. */
  readonly hint?: (value: unknown) => string | undefined;
  /** Undefined for a value that cannot be read. */
  readonly read: (value: unknown) => Value | undefined;
  /** Undefined for a value that cannot be shown. */
  readonly write: (value: unknown) => string | number | undefined;
}

function textScalar<Value>({ name, description, rule, example, hint, read, write }: ScalarRules<Value>) {
  // A literal is told with its place in the document; where a variable went wrong, graphql-js says itself.
  const parse = (value: unknown, nodes?: ValueNode): Value => {
    const parsed = read(value);
    if (parsed !== undefined) return parsed;
    const advice = hint?.(value) ?? `For example ${example}.`;
    throw new GraphQLError(`${name} must be ${rule}, got ${show(value)}. ${advice}`, nodes && { nodes });
  };
  return new GraphQLScalarType<Value, string | number>({
    name,
    description,
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(valueFromASTUntyped(node), node),
    serialize: (value) => {
      const written = write(value);
      if (written !== undefined) return written;
      throw new GraphQLError(`${name} cannot hold ${show(value)}.`);
    },
  });
}

const WRITTEN = Symbol("the text that a DateTime was given as");

/** A time with a zone. The Date remembers its text, since a task's own schema wants to see what the caller wrote. */
export const DateTimeScalar = textScalar<Date>({
  name: "DateTime",
  description:
    "A timestamp in ISO 8601 with a time zone, such as `2026-05-01T09:00:00Z`, from year 1 to 9999 in UTC. Responses use UTC and milliseconds.",
  rule: TIMESTAMP_RULE,
  example: '"2026-05-01T09:00:00Z"',
  read: (value) => (typeof value === "string" ? readDateTime(value) : undefined),
  write: (value) => {
    if (typeof value === "string") return readDateTime(value) && value;
    return value instanceof Date && Number.isFinite(value.getTime()) ? value.toISOString() : undefined;
  },
});

/** A time as the caller wrote it. */
export function writtenDateTime(date: Date): string {
  return (date as { [WRITTEN]?: string })[WRITTEN] ?? date.toISOString();
}

function readDateTime(text: string): Date | undefined {
  const date = parseTimestamp(text);
  return date === null ? undefined : Object.defineProperty(date, WRITTEN, { value: text });
}

/** Whole milliseconds inside, ISO 8601 outside. */
export const DurationScalar = textScalar<number>({
  name: "Duration",
  description:
    'A duration. Responses use ISO 8601, such as `PT1H30M`. Inputs may also be `"90s"`, `"5m"`, `"1d"` or an integer of milliseconds.',
  rule: DURATION_FORMS,
  example: '"90s"',
  read: (value) =>
    typeof value === "string" || typeof value === "number" ? (parseDuration(value) ?? undefined) : undefined,
  write: (value) => (typeof value === "number" && Number.isFinite(value) ? formatDuration(value) : undefined),
});

/** A JavaScript number inside: JSON could not carry more on the way to a task either. */
export const BigIntScalar = textScalar<number>({
  name: "BigInt",
  description:
    "An integer of up to 53 bits, beyond the range of Int. Responses use JSON numbers. Inputs may also be strings.",
  rule: "a whole number from -9007199254740991 to 9007199254740991",
  example: "5000000000; send larger numbers to a task that takes text",
  read: readInteger,
  write: readInteger,
});

function readInteger(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

export const TimeZoneScalar = textScalar<string>({
  name: "TimeZone",
  description: "The IANA name of a time zone, such as `Asia/Shanghai`.",
  rule: "the IANA name of a time zone",
  example: '"Asia/Shanghai"',
  hint: (value) => {
    const near = typeof value === "string" ? nearestTimeZone(value) : null;
    return near === null ? undefined : `Did you mean "${near}"?`;
  },
  read: (value) => (typeof value === "string" && isTimeZone(value) ? value : undefined),
  write: (value) => (typeof value === "string" ? value : undefined),
});

export const JsonScalar = new GraphQLScalarType<Json, unknown>({
  name: "JSON",
  description: "Any JSON value.",
  serialize: (value) => value,
  parseValue: (value) => value as Json,
  parseLiteral: (node, variables) => readJsonLiteral(node, variables) as Json,
});

export const JsonObjectScalar = new GraphQLScalarType<JsonObject, unknown>({
  name: "JSONObject",
  description: "A JSON object.",
  serialize: (value) => value,
  parseValue: readObject,
  parseLiteral: (node, variables) => readObject(readJsonLiteral(node, variables)),
});

function readObject(value: unknown): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  const got = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
  throw new GraphQLError(`JSONObject must be a JSON object, got ${got}. For example {key: "value"}.`);
}

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** JSON has numbers of any size, and JavaScript has not: what would become another number is refused. */
function readIntLiteral(node: IntValueNode): number {
  const number = Number(node.value);
  if (Number.isSafeInteger(number) || (Number.isFinite(number) && BigInt(number) === BigInt(node.value)))
    return number;
  throw new GraphQLError("A number has more digits than can be kept. Send it as a string.", { nodes: node });
}

/** Objects are made by `fromEntries`, which takes a key such as `__proto__` for what it is: a key. */
function readJsonLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.OBJECT: {
      const entries = node.fields.map(
        (field) => [field.name.value, readJsonLiteral(field.value, variables)] as const,
      );
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    }
    case Kind.LIST:
      return node.values.map((item) => readJsonLiteral(item, variables) ?? null);
    case Kind.VARIABLE:
      return variables?.[node.name.value];
    case Kind.ENUM:
      // It may be the value of a sensitive field: the place says which word it is.
      throw new GraphQLError("JSON has no bare words. Write the word in quotes.", { nodes: node });
    case Kind.INT:
      return readIntLiteral(node);
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    default:
      return node.value;
  }
}
