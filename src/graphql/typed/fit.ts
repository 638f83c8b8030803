import type { Json, JsonObject } from "../../lib/json/json.ts";
import { parseTimestamp } from "../../lib/timestamp.ts";
import type { FieldPlan, PlannedScalar, UnionPlan, ValuePlan } from "./value-plan.ts";
import { isObject } from "./json-schema.ts";

type ScalarTests = Readonly<Record<PlannedScalar, (value: Json) => boolean>>;

const SCALAR_TESTS: ScalarTests = {
  String: (value) => typeof value === "string",
  ID: (value) => typeof value === "string",
  Boolean: (value) => typeof value === "boolean",
  Int: (value) => typeof value === "number" && Math.trunc(value) === value && Math.abs(value) < 2 ** 31,
  Float: (value) => typeof value === "number",
  BigInt: (value) => Number.isSafeInteger(value),
  DateTime: (value) => parseTimestamp(value) !== null,
  JSON: () => true,
};

const PRINTABLE_TESTS: ScalarTests = {
  ...SCALAR_TESTS,
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
  return value !== undefined && isOf(plan, value, nullable, PRINTABLE_TESTS) ? value : undefined;
}

/** Whether a value can be returned as the type of a plan. Keys that the plan lacks do not matter. */
export function fits(plan: ValuePlan, value: Json, nullable = false): boolean {
  return isOf(plan, value, nullable, SCALAR_TESTS);
}

/** Returns a value's own property: objects inherit keys such as `toString`. */
export function ownValue(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isOf(plan: ValuePlan, value: Json, nullable: boolean, tests: ScalarTests): boolean {
  if (value === null) return nullable;
  switch (plan.kind) {
    case "scalar":
      return tests[plan.scalar](value);
    case "enum":
      return Object.values<Json>(plan.values).includes(value);
    case "list":
      return (
        Array.isArray(value) && value.every((item: Json) => isOf(plan.item, item, plan.itemNullable, tests))
      );
    case "object":
      return (
        isObject(value) && plan.fields.every((field) => isField(field, ownValue(value, field.name), tests))
      );
    case "union":
      // As an input, it has another form.
      return tests !== PRINTABLE_TESTS && isObject(value) && isOfMember(plan, value, tests);
  }
}

function isOfMember({ discriminator, members }: UnionPlan, value: JsonObject, tests: ScalarTests): boolean {
  const constant = ownValue(value, discriminator);
  const member = members.find((one) => one.constant === constant);
  return member !== undefined && isOf(member.object, value, false, tests);
}

function isField(field: FieldPlan, value: Json | undefined, tests: ScalarTests): boolean {
  if (value === undefined) return field.nullable || field.defaultValue !== undefined;
  return isOf(field.value, value, field.nullable, tests);
}
