import {
  getNamedType,
  getNullableType,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
} from "graphql";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import type { SensitivePath } from "../task/sensitive/sensitive.ts";

const MARK = "sensitive";
/** Types that may contain the args of any task: the sensitive parts are not known yet. */
const ANY_JSON: ReadonlySet<string> = new Set(["JSON", "JSONObject"]);

/** Marks the sensitive fields of typed mutations, so that no error quotes their values. */
export function markSensitiveFields(schema: GraphQLSchema, definitions: readonly AnyTaskDefinition[]): void {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const { mutationField, sensitive } of definitions) {
    const input = mutations[mutationField ?? ""]?.args.find(({ name }) => name === "input");
    for (const path of input ? sensitive : []) mark(input!.type, path);
  }
}

/** Whether errors must not quote the value of a field. */
export function isSensitiveField(field: GraphQLInputField | null | undefined): boolean {
  return field?.extensions[MARK] === true;
}

/** Whether a value of a type may contain a value that errors must not quote. */
export function mayHoldSensitive(type: GraphQLInputType, above: ReadonlySet<string> = new Set()): boolean {
  const named = getNamedType(type);
  if (ANY_JSON.has(named.name)) return true;
  if (!isInputObjectType(named) || above.has(named.name)) return false;
  const within = new Set([...above, named.name]);
  return Object.values(named.getFields()).some(
    (field) => isSensitiveField(field) || mayHoldSensitive(field.type, within),
  );
}

/**
 * Marks the field at a path. A path that ends in a list marks the list's field. JSON has no fields,
 * and is never quoted.
 */
function mark(type: GraphQLInputType, path: SensitivePath, holder: GraphQLInputField | null = null): void {
  const [key, ...rest] = path;
  const bare = getNullableType(type);
  if (key === undefined) {
    if (holder) holder.extensions = { ...holder.extensions, [MARK]: true };
  } else if (isListType(bare)) mark(bare.ofType as GraphQLInputType, rest, holder);
  else if (isInputObjectType(bare)) {
    for (const field of Object.values(bare.getFields())) {
      // A member of a union: its field is a step that the task's input does not have.
      if (bare.isOneOf) mark(field.type, path, field);
      else if (key === "*" || key === field.name) mark(field.type, rest, field);
    }
  }
}
