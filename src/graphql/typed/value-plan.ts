import type { Json } from "../../lib/json/json.ts";
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

interface UnionMember {
  /** The value of the discriminator. */
  readonly constant: string;
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
      throw new Error("Inputs have no unions.");
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
