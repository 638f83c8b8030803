import {
  type GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isEnumType,
  isObjectType,
} from "graphql";
import type { Json } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import {
  keysOfPointer,
  replaceSecrets,
  type SplitInput,
  splitSecrets,
} from "../../task/sensitive/sensitive.ts";
import type { GraphqlContext } from "../context.ts";
import { JsonScalar } from "../scalars.ts";
import { loadValue, resultOf, type TaskSource } from "../tasks/task-view.ts";
import type { FailedOutcome, SucceededOutcome } from "../tasks/outcome.ts";
import { planArgs, planError, planOutput } from "./plan-output.ts";
import { StoredTypes } from "./stored-types.ts";
import type { TypeNames } from "./type-names.ts";
import { UNTYPED, ValueUnion } from "./value-union.ts";

type TaskField = GraphQLFieldConfig<TaskSource, GraphqlContext>;

/** Names of the types that `addTaskValues` adds to every schema. */
export const TASK_VALUE_TYPES: readonly string[] = ["TaskInput", "TaskOutput", "TaskErrorDetail", UNTYPED];

/**
 * Returns a schema whose tasks have typed inputs, outputs and errors: unions with a type for each
 * schema of the definitions. They are made with graphql-js: decorated classes belong to all schemas
 * of a process, and `Task` is one of them.
 *
 * @throws DefinitionError that names both tasks that give types one name
 */
export function addTaskValues(
  schema: GraphQLSchema,
  definitions: readonly AnyTaskDefinition[],
  names: TypeNames,
): GraphQLSchema {
  const types = new StoredTypes(names, (name) => enumIn(schema, name));
  const common = { types, untyped: makeUntyped() };
  const inputs = new ValueUnion({
    ...common,
    name: "TaskInput",
    description: "The stored input of a task: a type for each definition with an input schema.",
    values: definitions.map(({ name: task, inputJsonSchema: root, sensitive }) => {
      return { task, key: task, plan: root && planArgs(task, root, sensitive) };
    }),
  });
  const outputs = new ValueUnion({
    ...common,
    name: "TaskOutput",
    description: "The stored output of a task: a type for each definition with an output schema.",
    values: definitions.map(({ name: task, outputJsonSchema: root }) => {
      return { task, key: task, plan: root && planOutput(task, root) };
    }),
  });
  const details = new ValueUnion({
    ...common,
    name: "TaskErrorDetail",
    description: "The data of a declared error: a type for each error that a definition declares.",
    values: definitions.flatMap(({ name: task, errorJsonSchemas }) =>
      Object.entries(errorJsonSchemas).map(([error, root]) => {
        return { task, key: errorKey(task, error), plan: planError(task, error, root) };
      }),
    ),
  });
  const output = outputField(outputs);
  addFields(schema, "Task", { input: inputField(inputs), output, hiddenFields: hiddenField() });
  addFields(schema, "Succeeded", { output: ofTask(output) });
  addFields(schema, "Failed", { detail: detailField(details) });
  return new GraphQLSchema(schema.toConfig());
}

function errorKey(task: string, error: string): string {
  return `${task} ${error}`;
}

function makeUntyped(): GraphQLObjectType {
  return new GraphQLObjectType({
    name: UNTYPED,
    description:
      "A stored value without a type: its definition has no schema or is gone, or the value does not fit today's schema.",
    fields: {
      json: {
        type: new GraphQLNonNull(JsonScalar),
        description: "The value.",
        resolve: ({ json }: { readonly json: Json }) => json,
      },
    },
  });
}

function enumIn(schema: GraphQLSchema, name: string): GraphQLEnumType | null {
  const type = schema.getType(name);
  return isEnumType(type) ? type : null;
}

/** Adds fields to a type of a schema. Types that only these refer to are not in the schema yet. */
function addFields<Source>(
  schema: GraphQLSchema,
  typeName: string,
  fields: Readonly<Record<string, GraphQLFieldConfig<Source, GraphqlContext>>>,
): void {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`The schema has no type "${typeName}".`);
  Object.assign(type.getFields(), new GraphQLObjectType({ name: typeName, fields }).getFields());
}

function inputField(inputs: ValueUnion): TaskField {
  return {
    type: inputs.type,
    description:
      "The task's input as its caller sent it, typed by the definition. Sensitive values are null, and `hiddenFields` lists them. `args` is the same as JSON.",
    resolve: async (task, _args, context) => {
      const { input = null } = (await loadValue(task, "input", context)) ?? {};
      return inputs.valueOf(
        task.name,
        replaceSecrets(input, sensitiveOf(task, context), () => null),
      );
    },
  };
}

function outputField(outputs: ValueUnion): TaskField {
  return {
    type: outputs.type,
    description:
      "The task's output, typed by the definition. Null before SUCCESS, for the output null, and if the output is not stored. `result` is the same as JSON.",
    resolve: async (task, _args, context) =>
      outputs.valueOf(task.name, (await resultOf(task, context)).output),
  };
}

/** Returns a field of an outcome that resolves as that of its task. */
function ofTask({
  type,
  description,
  resolve,
}: TaskField): GraphQLFieldConfig<SucceededOutcome, GraphqlContext> {
  return { type, description, resolve: ({ task }, ...rest) => resolve?.(task, ...rest) };
}

function detailField(details: ValueUnion): GraphQLFieldConfig<FailedOutcome, GraphqlContext> {
  return {
    type: details.type,
    description:
      "The data of the error, typed by the definition, if the definition declares the error in `errors`. Null for any other error.",
    resolve: ({ task, error: { detail } }) =>
      detail ? details.valueOf(errorKey(task.name, detail.name), detail.data) : null,
  };
}

function hiddenField(): TaskField {
  return {
    type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))),
    description: "Paths of the sensitive values that are null in `input`, such as `card.number`.",
    resolve: async (task, _args, context) => {
      const sensitive = sensitiveOf(task, context);
      const input = sensitive.length > 0 ? (await loadValue(task, "input", context))?.input : undefined;
      return input === undefined ? [] : pathsOf(splitSecrets(input, sensitive));
    },
  };
}

function sensitiveOf({ name }: TaskSource, { services }: GraphqlContext): AnyTaskDefinition["sensitive"] {
  return services.registry.get(name)?.sensitive ?? [];
}

function pathsOf(split: SplitInput | null): string[] {
  return Object.keys(split?.secrets ?? {}).map((pointer) => keysOfPointer(pointer).join("."));
}
