import type { Json, JsonObject } from "../../lib/json/json.ts";
import { writtenDateTime } from "../scalars.ts";

export type PlannedScalar = "String" | "ID" | "Boolean" | "Int" | "Float" | "BigInt" | "DateTime" | "JSON";

/**
 * The GraphQL form of a JSON Schema: enough to create its types, and to convert values between them
 * and the task's JSON.
 */
export type ValuePlan =
  | { readonly kind: "scalar"; readonly scalar: PlannedScalar }
  | EnumPlan
  | { readonly kind: "list"; readonly item: ValuePlan; readonly itemNullable: boolean }
  | ObjectPlan
  | UnionPlan;

export interface EnumPlan {
  readonly kind: "enum";
  readonly typeName: string;
  readonly description: string;
  /** GraphQL names, and the values that are passed to the task. */
  readonly values: Readonly<Record<string, string>>;
}

export interface ObjectPlan {
  readonly kind: "object";
  readonly typeName: string;
  readonly description: string;
  readonly fields: readonly FieldPlan[];
}

/** Objects of several shapes, which a constant distinguishes. */
export interface UnionPlan {
  readonly kind: "union";
  readonly typeName: string;
  readonly description: string;
  /** The key of the constant. */
  readonly discriminator: string;
  readonly members: readonly UnionMember[];
}

export interface UnionMember {
  /** The value of the discriminator. */
  readonly constant: string;
  /** The member's field in a `@oneOf` input. */
  readonly name: string;
  /** The object, with its discriminator. */
  readonly object: ObjectPlan;
}

export interface FieldPlan {
  readonly name: string;
  readonly description: string;
  readonly nullable: boolean;
  readonly value: ValuePlan;
  /** The default in the schema. Absent if there is none, or if GraphQL cannot print it. */
  readonly defaultValue?: Json;
}

/** The `input` argument of a typed mutation. */
export type InputPlan =
  | { readonly kind: "none" }
  /** An object without fixed keys. */
  | { readonly kind: "json"; readonly description: string }
  | { readonly kind: "object"; readonly object: ObjectPlan; readonly required: boolean };

/**
 * Converts a value that GraphQL parsed to the caller's plain JSON. Absent fields stay absent, nulls
 * stay null.
 */
export function toTaskInput(plan: ValuePlan, value: unknown): Json {
  if (value === null) return null;
  switch (plan.kind) {
    case "scalar":
      return value instanceof Date ? writtenDateTime(value) : (value as Json);
    case "enum":
      return value as string;
    case "union":
      return toMember(plan, value as Readonly<Record<string, unknown>>);
    case "list":
      return (value as readonly unknown[]).map((item) => toTaskInput(plan.item, item));
    case "object": {
      const given = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        plan.fields.flatMap((field) => {
          const held = given[field.name];
          return held === undefined ? [] : [[field.name, toTaskInput(field.value, held)]];
        }),
      );
    }
  }
}

/**
 * Returns a member as the value of its field in a `@oneOf` input: without the constant, which the
 * name of the field gives.
 */
export function withoutConstant({ discriminator }: UnionPlan, { object }: UnionMember): ObjectPlan {
  return { ...object, fields: object.fields.filter(({ name }) => name !== discriminator) };
}

/** A `@oneOf` input has one field. */
function toMember(plan: UnionPlan, value: Readonly<Record<string, unknown>>): Json {
  const member = plan.members.find(({ name }) => value[name] !== undefined);
  if (!member) throw new Error(`The input has no member of ${plan.typeName}.`);
  const given = toTaskInput(withoutConstant(plan, member), value[member.name]) as JsonObject;
  return { [plan.discriminator]: member.constant, ...given };
}

/** Converts a path into a task's input to one into the mutation's: unions have a step more there. */
export function toInputPath(plan: ValuePlan, input: Json | undefined, path: readonly string[]): string[] {
  const [key, ...rest] = path;
  if (key === undefined || typeof input !== "object" || input === null) return [...path];
  const inner = (input as JsonObject)[key];
  if (plan.kind === "list") return [key, ...toInputPath(plan.item, inner, rest)];
  if (plan.kind === "object") {
    const field = plan.fields.find(({ name }) => name === key);
    return field ? [key, ...toInputPath(field.value, inner, rest)] : [...path];
  }
  if (plan.kind !== "union") return [...path];
  const member = plan.members.find(({ constant }) => constant === (input as JsonObject)[plan.discriminator]);
  return member ? [member.name, ...toInputPath(member.object, input, path)] : [...path];
}
