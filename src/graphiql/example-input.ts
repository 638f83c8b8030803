import type { JsonObject } from "../lib/json/json.ts";
import { haveMoreKeys, readDiscriminatedUnion } from "../graphql/typed/discriminated-union.ts";
import { enumNames } from "../graphql/typed/enum-values.ts";

/** A part of a JSON Schema, as the API returns it. */
type Schema = Readonly<Record<string, unknown>>;

/** The fields of a task definition that an example needs. */
export interface ExampleDefinition {
  readonly name: string;
  /** Null for a definition without an input schema: `enqueueTask` enqueues its tasks. */
  readonly mutationField: string | null;
  readonly inputSchema: Schema | null;
}

/** An input with every required field. */
export interface ExampleInput {
  /** A GraphQL literal for the typed mutation, with the names of enum values. */
  readonly literal: string;
  /** The same for an argument of the scalar JSON. */
  readonly json: string;
  /** How many values only a person can provide: an example with fewer is better. */
  readonly guesses: number;
}

const EMPTY: ExampleInput = { literal: "{}", json: "{}", guesses: 0 };
/** Schemas may refer to themselves. */
const MAX_DEPTH = 8;

/** An input that the definition probably accepts; null if its mutation has no such argument. */
export function exampleInput({ inputSchema }: ExampleDefinition): ExampleInput | null {
  if (inputSchema === null) return null;
  const { properties, additionalProperties } = inputSchema;
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (Object.keys(asSchema(properties)).length === 0 && !isOpen) return null;
  return new Examples(inputSchema).of(inputSchema, 0);
}

class Examples {
  constructor(private readonly root: Schema) {}

  of(written: Schema, depth: number): ExampleInput {
    const schema = this.#resolve(written);
    const branches = asArray(schema["anyOf"] ?? schema["oneOf"]).map((branch) =>
      this.#resolve(asSchema(branch)),
    );
    const strings = stringsOf(branches.length > 0 ? branches : [schema]);
    if (strings !== null) return exampleEnum(strings);
    const oneOf = this.#oneOf(branches, depth);
    if (oneOf) return oneOf;
    const branch = branches.find(({ type }) => type !== "null");
    // Another union is JSON to GraphQL, where an enum's values have no names.
    if (branch !== undefined) {
      const example = this.of(branch, depth + 1);
      return branches.some(({ type }) => type === "null") ? example : { ...example, literal: example.json };
    }
    const types = [schema["type"]].flat();
    const type = types.find((one) => one !== "null");
    if (type === "object") return this.#object(schema, depth);
    if (type === "array") return this.#list(schema, depth);
    return exampleScalar(type, schema);
  }

  /** The first member of a union that a constant distinguishes: a field of a `@oneOf` input. */
  #oneOf(branches: readonly Schema[], depth: number): ExampleInput | null {
    const objects = branches.filter(({ type }) => type !== "null") as JsonObject[];
    const union = objects.length > 1 ? readDiscriminatedUnion(objects) : null;
    if (!union || !haveMoreKeys(objects)) return null;
    const { discriminator, members } = union;
    const { [discriminator]: _constant, ...properties } = asSchema(objects[0]!["properties"]);
    const required = asArray(objects[0]!["required"]).filter((name) => name !== discriminator);
    const member = this.#object({ properties, required }, depth + 1);
    const literal = braced([`${members[0]!.name}: ${member.literal}`]);
    return { ...member, literal, json: this.#object(objects[0]!, depth + 1).json };
  }

  #object(schema: Schema, depth: number): ExampleInput {
    const properties = asSchema(schema["properties"]);
    const needed = asArray(schema["required"])
      .map((name) => [String(name), asSchema(properties[String(name)])] as const)
      .filter(([, property]) => property["default"] === undefined);
    if (depth > MAX_DEPTH) return EMPTY;
    const fields = needed.map(([name, property]) => ({ name, ...this.of(property, depth + 1) }));
    return {
      literal: braced(fields.map(({ name, literal }) => `${name}: ${literal}`)),
      json: braced(fields.map(({ name, json }) => `${name}: ${json}`)),
      guesses: fields.reduce((sum, { guesses }) => sum + guesses, 0),
    };
  }

  #list(schema: Schema, depth: number): ExampleInput {
    if (schema["minItems"] === undefined || depth > MAX_DEPTH) return value("[]");
    const { literal, json, guesses } = this.of(asSchema(schema["items"]), depth + 1);
    return { literal: `[${literal}]`, json: `[${json}]`, guesses };
  }

  #resolve(schema: Schema): Schema {
    const { $ref } = schema;
    if (typeof $ref !== "string") return schema;
    const target = $ref
      .split("/")
      .slice(1)
      .reduce<unknown>((part, key) => asSchema(part)[key], this.root);
    return { ...asSchema(target), ...schema, $ref: undefined };
  }
}

/** The strings that a schema, or a union of schemas, lists; null where it takes others too. */
function stringsOf(schemas: readonly Schema[]): readonly string[] | null {
  const listed = schemas.filter(({ type }) => type !== "null");
  const values = listed.flatMap((schema): unknown[] => [...asArray(schema["enum"] ?? [schema["const"]])]);
  return values.length > 0 && values.every((one) => typeof one === "string") ? values : null;
}

function exampleEnum(values: readonly string[]): ExampleInput {
  const json = JSON.stringify(values[0]);
  const names = values.length > 1 ? enumNames(values) : null;
  const named = Object.entries(names ?? {}).find(([, one]) => one === values[0]);
  return { literal: named?.[0] ?? json, json, guesses: 0 };
}

function exampleScalar(type: unknown, schema: Schema): ExampleInput {
  const [written = schema["const"]] = asArray(schema["examples"] ?? schema["enum"]);
  if (typeof written !== "object" && written !== undefined) return value(JSON.stringify(written));
  if (type === "integer" || type === "number") return value(String(exampleNumber(schema)));
  if (type === "boolean") return value("true");
  return type === "string" ? exampleString(schema) : { ...value("{}"), guesses: 2 };
}

const FORMATS: Readonly<Record<string, string>> = {
  email: "ada@example.org",
  uuid: "00000000-0000-4000-8000-000000000000",
  "date-time": "2030-05-01T09:00:00Z",
  date: "2030-05-01",
  time: "09:30:00",
  duration: "PT1H",
  uri: "https://example.org",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

function exampleString({ format, minLength, pattern }: Schema): ExampleInput {
  const known = FORMATS[String(format)];
  if (known !== undefined) return value(JSON.stringify(known));
  const text = "example".padEnd(asNumber(minLength, 0), ".");
  return { ...value(JSON.stringify(text)), guesses: pattern === undefined ? 1 : 2 };
}

/** The number nearest to 1 that the bounds allow. */
function exampleNumber(schema: Schema): number {
  const lowest = Math.max(
    asNumber(schema["minimum"], -Infinity),
    asNumber(schema["exclusiveMinimum"], -Infinity) + 1,
  );
  const highest = Math.min(
    asNumber(schema["maximum"], Infinity),
    asNumber(schema["exclusiveMaximum"], Infinity) - 1,
  );
  const step = asNumber(schema["multipleOf"], 1);
  return Math.max(Math.min(Math.ceil(Math.max(1, lowest) / step) * step, highest), lowest);
}

function value(text: string): ExampleInput {
  return { literal: text, json: text, guesses: 0 };
}

function braced(fields: readonly string[]): string {
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function asSchema(part: unknown): Schema {
  return typeof part === "object" && part !== null && !Array.isArray(part) ? (part as Schema) : {};
}

function asArray(part: unknown): readonly unknown[] {
  return Array.isArray(part) ? part : [];
}

function asNumber(part: unknown, otherwise: number): number {
  return typeof part === "number" ? part : otherwise;
}
