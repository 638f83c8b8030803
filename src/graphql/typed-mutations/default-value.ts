import type { Json } from "../../lib/json/json.ts";
import { parseTimestamp } from "../../lib/timestamp.ts";
import type { FieldPlan, PlannedScalar, ValuePlan } from "./input-plan.ts";
import { isObject } from "./json-schema.ts";

const SCALAR_TESTS: Readonly<Record<PlannedScalar, (value: Json) => boolean>> = {
  String: (value) => typeof value === "string",
  ID: (value) => typeof value === "string",
  Boolean: (value) => typeof value === "boolean",
  Int: (value) => Number.isInteger(value),
  Float: (value) => typeof value === "number",
  BigInt: (value) => Number.isSafeInteger(value),
  DateTime: (value) => parseTimestamp(value) !== null,
  // GraphQL cannot print objects and arrays of a JSON scalar: one such default makes the schema
  // unreadable.
  JSON: (value) => typeof value !== "object",
};

/**
 * Returns a field's default if GraphQL can print it as a value of the field's type, else undefined.
 */
export function printableDefault(
  plan: ValuePlan,
  value: Json | undefined,
  nullable: boolean,
): Json | undefined {
  return value !== undefined && isPrintable(plan, value, nullable) ? value : undefined;
}

function isPrintable(plan: ValuePlan, value: Json, nullable: boolean): boolean {
  if (value === null) return nullable;
  switch (plan.kind) {
    case "scalar":
      return SCALAR_TESTS[plan.scalar](value);
    case "enum":
      return Object.values<Json>(plan.values).includes(value);
    case "list":
      return (
        Array.isArray(value) && value.every((item: Json) => isPrintable(plan.item, item, plan.itemNullable))
      );
    case "object":
      return isObject(value) && plan.fields.every((field) => isPrintableField(field, value[field.name]));
  }
}

function isPrintableField(field: FieldPlan, value: Json | undefined): boolean {
  if (value === undefined) return field.nullable || field.defaultValue !== undefined;
  return isPrintable(field.value, value, field.nullable);
}
