import { DefinitionError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json/json.ts";
import { graphqlStem } from "../../task/definition/names.ts";
import type { SensitivePath } from "../../task/sensitive/sensitive.ts";
import { describeField } from "./describe.ts";
import { describeLocation, readPart, type SchemaLocation, type SchemaSide } from "./json-schema.ts";
import { planInput } from "./plan-input.ts";
import { hasNames, isClosedObject, planObject, planValue, typeNameOf } from "./plan-value.ts";
import type { FieldPlan, InputPlan, ObjectPlan, ValuePlan } from "./value-plan.ts";

/** The type of a stored value. */
export interface StoredPlan {
  readonly object: ObjectPlan;
  /** The value is not an object with known keys: the type has it as its only field, `value`. */
  readonly isWrapped: boolean;
}

/**
 * Plans the type of a definition's output. Returns null for a schema that gives no type: its values
 * are untyped.
 */
export function planOutput(task: string, root: JsonObject): StoredPlan | null {
  return planStored(task, root, { noun: "output", stem: graphqlStem(task), suffix: "Output" });
}

/** Plans the type of the data of a declared error, as `planOutput` does. */
export function planError(task: string, error: string, root: JsonObject): StoredPlan | null {
  const stem = `${graphqlStem(task)}${error.replace(/Error$/, "")}`;
  return planStored(task, root, { noun: `error ${error}`, stem, suffix: "Error" });
}

function planStored(task: string, root: JsonObject, side: SchemaSide): StoredPlan | null {
  const location: SchemaLocation = { task, side, root, path: [] };
  try {
    const part = readPart(root, new Set(["#"]), location);
    const isObject = part.schema["type"] === "object" && isClosedObject(part.schema);
    if (isObject && hasNames(part.schema, location))
      return { object: planObject(part, location), isWrapped: false };
    const value = planValue(part, { ...location, path: ["value"] });
    const description = describeField(part.schema, value, location, undefined);
    return wrapped(location, { name: "value", description, nullable: part.nullable, value });
  } catch (error) {
    // Such as a reference to another document. Inputs with one are refused.
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

function wrapped(location: SchemaLocation, value: FieldPlan): StoredPlan {
  const object: ObjectPlan = {
    kind: "object",
    typeName: typeNameOf(location),
    description: describeLocation(location),
    fields: [value],
  };
  return { object, isWrapped: true };
}

/**
 * Plans the type of a definition's stored inputs: that of its mutation, with fields that may be
 * null where the input is sensitive. Returns null for an input without fields.
 */
export function planArgs(
  task: string,
  root: JsonObject,
  sensitive: readonly SensitivePath[],
): StoredPlan | null {
  const plan = planInput(task, root);
  if (plan.kind === "none") return null;
  const { object, isWrapped } = storedInput(task, root, plan);
  const hidden = sensitive.reduce<ValuePlan>((hides, path) => nullableAt(hides, path), object);
  return { object: asArgs(isWrapped ? object : hidden) as ObjectPlan, isWrapped };
}

function storedInput(task: string, root: JsonObject, plan: Exclude<InputPlan, { kind: "none" }>): StoredPlan {
  if (plan.kind === "object") return { object: plan.object, isWrapped: false };
  const side = { noun: "input", stem: graphqlStem(task), suffix: "Input" } as const;
  const { description } = plan;
  const value = { kind: "scalar", scalar: "JSON" } as const;
  return wrapped({ task, side, root, path: [] }, { name: "value", description, nullable: false, value });
}

/** Lets the value at a path be null. Paths end at JSON, within which anything may be null. */
function nullableAt(plan: ValuePlan, path: SensitivePath): ValuePlan {
  const [key, ...rest] = path;
  if (key === undefined) return plan;
  const isLast = rest.length === 0;
  switch (plan.kind) {
    case "list":
      return { ...plan, itemNullable: plan.itemNullable || isLast, item: nullableAt(plan.item, rest) };
    case "union":
      return {
        ...plan,
        members: plan.members.map((member) => ({
          ...member,
          object: nullableAt(member.object, path) as ObjectPlan,
        })),
      };
    case "object":
      return {
        ...plan,
        fields: plan.fields.map((field) => {
          if (key !== "*" && key !== field.name) return field;
          return { ...field, nullable: field.nullable || isLast, value: nullableAt(field.value, rest) };
        }),
      };
    default:
      return plan;
  }
}

/** Names the types of an input as those of its stored values: GraphQL's inputs are separate. */
function asArgs(plan: ValuePlan): ValuePlan {
  switch (plan.kind) {
    case "list":
      return { ...plan, item: asArgs(plan.item) };
    case "union":
      return {
        ...plan,
        typeName: argsName(plan.typeName),
        members: plan.members.map((member) => ({ ...member, object: asArgs(member.object) as ObjectPlan })),
      };
    case "object":
      return {
        ...plan,
        typeName: argsName(plan.typeName),
        fields: plan.fields.map((field) => ({ ...field, value: asArgs(field.value) })),
      };
    default:
      return plan;
  }
}

function argsName(inputName: string): string {
  return inputName.replace(/Input$/, "Args");
}
