import { DefinitionError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json/json.ts";
import { graphqlStem } from "../../task/definition/names.ts";
import { describeField } from "./describe.ts";
import { isObject, readPart, type SchemaLocation } from "./json-schema.ts";
import { hasNames, isOpen, planObject } from "./plan-value.ts";
import type { InputPlan } from "./value-plan.ts";

/**
 * Plans the GraphQL input of a task definition from its JSON Schema.
 *
 * @throws DefinitionError that names the task and the path of a part that GraphQL cannot express
 */
export function planInput(task: string, root: JsonObject): InputPlan {
  const side = { noun: "input", stem: graphqlStem(task), suffix: "Input" } as const;
  const location: SchemaLocation = { task, side, root, path: [] };
  const part = readPart(root, new Set(["#"]), location);
  if (part.nullable || part.schema["type"] !== "object") {
    throw new DefinitionError(
      `Task ${JSON.stringify(task)}: input: expected the schema of an object, for the mutation's arguments, got ` +
        `${summary(root)}. Wrap it, for example z.object({ value: … }), or omit "input" to accept any JSON.`,
    );
  }
  const { properties } = part.schema;
  if (isObject(properties) && Object.keys(properties).length > 0 && hasNames(part.schema, location)) {
    const object = planObject(part, location);
    return { kind: "object", object, required: object.fields.some((field) => !field.nullable) };
  }
  if (!isOpen(part.schema)) return { kind: "none" };
  return {
    kind: "json",
    description: describeField(part.schema, { kind: "scalar", scalar: "JSON" }, location, undefined),
  };
}

function summary(schema: JsonObject): string {
  const text = JSON.stringify(schema);
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
