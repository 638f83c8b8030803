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
import type { Json, JsonObject } from "../lib/json/json.ts";
import { parseTimestamp, TIMESTAMP_RULE } from "../lib/timestamp.ts";
import { isTimeZone, nearestTimeZone } from "../task/timing/zone-names.ts";

interface ScalarRules<Value> {
  readonly name: string;
  readonly description: string;
  /** The specification of what responses contain. The description names further forms of inputs. */
  readonly specifiedByURL: string;
  /** Completes "expected …". */
  readonly rule: string;
  readonly example: string;
  /** A remedy for a value that cannot be read, in place of the example. */
  readonly hint?: (value: unknown) => string | undefined;
  /** Undefined for a value that cannot be read. */
  readonly read: (value: unknown) => Value | undefined;
  /** Undefined for a value that the scalar cannot represent. */
  readonly write: (value: unknown) => string | number | undefined;
}

function textScalar<Value>(rules: ScalarRules<Value>) {
  const { name, description, specifiedByURL, rule, example, hint, read, write } = rules;
  // An error of a literal names its location in the document. For variables, graphql-js adds the
  // path.
  const parse = (value: unknown, nodes?: ValueNode): Value => {
    const parsed = read(value);
    if (parsed !== undefined) return parsed;
    const advice = hint?.(value) ?? `For example ${example}.`;
    throw new GraphQLError(`${name}: expected ${rule}, got ${show(value)}. ${advice}`, nodes && { nodes });
  };
  return new GraphQLScalarType<Value, string | number>({
    name,
    description,
    specifiedByURL,
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(valueFromASTUntyped(node), node),
    serialize: (value) => {
      const written = write(value);
      if (written !== undefined) return written;
      throw new GraphQLError(`${name} cannot represent ${show(value)}.`);
    },
  });
}

const WRITTEN = Symbol("the string from which a DateTime was parsed");

/**
 * A timestamp with a time zone. The Date keeps its string: the task's own schema parses what the
 * caller wrote.
 */
export const DateTimeScalar = textScalar<Date>({
  name: "DateTime",
  description:
    "A timestamp in ISO 8601 with a time zone, such as `2026-05-01T09:00:00Z`, from year 1 to 9999 in UTC. Responses use UTC and milliseconds.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
  rule: TIMESTAMP_RULE,
  example: '"2026-05-01T09:00:00Z"',
  read: (value) => (typeof value === "string" ? readDateTime(value) : undefined),
  write: (value) => {
    if (typeof value === "string") return readDateTime(value) && value;
    return value instanceof Date && Number.isFinite(value.getTime()) ? value.toISOString() : undefined;
  },
});

/** Returns a timestamp as the caller wrote it. */
export function writtenDateTime(date: Date): string {
  return (date as { [WRITTEN]?: string })[WRITTEN] ?? date.toISOString();
}

function readDateTime(text: string): Date | undefined {
  const date = parseTimestamp(text);
  return date === null ? undefined : Object.defineProperty(date, WRITTEN, { value: text });
}

/** Integers of milliseconds inside, ISO 8601 outside. */
export const DurationScalar = textScalar<number>({
  name: "Duration",
  description:
    'A duration. Responses use ISO 8601, such as `PT1H30M`. Inputs may also be `"90s"`, `"5m"`, `"1d"` or an integer of milliseconds.',
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339#appendix-A",
  rule: DURATION_FORMS,
  example: '"90s"',
  read: (value) =>
    typeof value === "string" || typeof value === "number" ? (parseDuration(value) ?? undefined) : undefined,
  write: (value) => (typeof value === "number" && Number.isFinite(value) ? formatDuration(value) : undefined),
});

/** A JavaScript number inside: the JSON of a task could not carry more digits either. */
export const BigIntScalar = textScalar<number>({
  name: "BigInt",
  description:
    "An integer of up to 53 bits, beyond the range of Int. Responses use JSON numbers. Inputs may also be strings.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc7493#section-2.2",
  rule: "an integer from -9007199254740991 to 9007199254740991",
  example: "5000000000. For larger numbers, let the task accept strings",
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
  specifiedByURL: "https://data.iana.org/time-zones/theory.html#naming",
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
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259#section-3",
  serialize: (value) => value,
  parseValue: (value) => value as Json,
  parseLiteral: (node, variables) => readJsonLiteral(node, variables) as Json,
});

export const JsonObjectScalar = new GraphQLScalarType<JsonObject, unknown>({
  name: "JSONObject",
  description: "A JSON object.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259#section-4",
  serialize: (value) => value,
  parseValue: readObject,
  parseLiteral: (node, variables) => readObject(readJsonLiteral(node, variables)),
});

function readObject(value: unknown): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  const got = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw new GraphQLError(`JSONObject: expected a JSON object, got ${got}. For example {key: "value"}.`);
}

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Reads an integer literal. JavaScript cannot represent every JSON number: one that would change is
 * refused.
 */
function readIntLiteral(node: IntValueNode): number {
  const number = Number(node.value);
  if (Number.isSafeInteger(number) || (Number.isFinite(number) && BigInt(number) === BigInt(node.value)))
    return number;
  throw new GraphQLError(
    "JSON: expected a number that JavaScript can represent, got one with too many digits. Send it as a string.",
    { nodes: node },
  );
}

/** Builds objects with `fromEntries`, which treats a key such as `__proto__` as any other key. */
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
      // The word may be a sensitive value: the error names its location, not the word.
      throw new GraphQLError("JSON: expected a JSON value, got a bare word. Write the word in quotes.", {
        nodes: node,
      });
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
