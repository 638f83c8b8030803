import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { Json } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { GraphqlContext } from "../context.ts";
import { EnqueueOptionsInput, toEnqueueOptions } from "../enqueue/enqueue-input.ts";
import { enqueueOne } from "../enqueue/enqueue-resolver.ts";
import { JsonObjectScalar } from "../scalars.ts";
import { EnqueueTaskPayloadType } from "../enqueue/payload-types.ts";
import { type InputPlan, toInputPath, toTaskInput } from "./value-plan.ts";
import { InputTypes, newClass, type TypeReference } from "./input-types.ts";
import { planInput } from "./plan-input.ts";
import { takenByApi, type TypeNames } from "./type-names.ts";

export interface EnqueueMutations {
  readonly resolver: new () => object;
  /** Names of its inputs of which exactly one field must be given. */
  readonly oneOfs: readonly string[];
  readonly plans: EnqueuePlans;
}

/** How the input of each definition with a typed mutation is written in GraphQL. */
export type EnqueuePlans = ReadonlyMap<AnyTaskDefinition, InputPlan>;

/**
 * Creates a resolver class with one typed mutation per task definition that has an input schema.
 * Returns null if there are none. The class and its types are new in every call, and a schema
 * contains only types that its resolvers refer to.
 *
 * @param reserved names of the API's own mutations
 * @throws DefinitionError that names the task and the path of a part that GraphQL cannot express
 */
export function makeEnqueueMutations(
  definitions: readonly AnyTaskDefinition[],
  names: TypeNames,
  reserved: ReadonlySet<string>,
): EnqueueMutations | null {
  const types = new InputTypes(names);
  const target = newClass();
  const plans = new Map<AnyTaskDefinition, InputPlan>();
  for (const definition of definitions) {
    const { mutationField, inputJsonSchema, name } = definition;
    if (mutationField === null || inputJsonSchema === null) continue;
    if (reserved.has(mutationField)) throw takenByApi(`mutation "${mutationField}"`, name);
    const plan = planInput(name, inputJsonSchema);
    addMutation(target.prototype, mutationField, definition, plan, types);
    plans.set(definition, plan);
  }
  if (plans.size === 0) return null;
  Resolver()(target);
  return { resolver: target, oneOfs: types.oneOfs, plans };
}

function addMutation(
  prototype: object,
  field: string,
  definition: AnyTaskDefinition,
  plan: InputPlan,
  types: InputTypes,
): void {
  const { name, description, deprecationReason } = definition;
  Object.defineProperty(prototype, field, { value: makeMethod(name, plan) });
  let index = 0;
  const argument = (argumentName: string, type: TypeReference, options: Parameters<typeof Arg>[2]): void => {
    Arg(argumentName, () => type as never, options)(prototype, field, index++);
  };
  if (plan.kind === "object") {
    argument("input", types.typeOf(plan.object, name), {
      description: "The task's input.",
      ...(plan.required ? {} : { defaultValue: {} }),
    });
  }
  if (plan.kind === "json")
    argument("input", JsonObjectScalar, { description: `The task's input. ${plan.description}` });
  argument("options", EnqueueOptionsInput, {
    nullable: true,
    description: "Options of the call.",
  });
  Ctx()(prototype, field, index);
  const written = description ?? `Enqueues a task of \`${name}\`.`;
  Mutation(() => EnqueueTaskPayloadType, {
    description: written,
    ...(deprecationReason === null ? {} : { deprecationReason }),
  })(prototype, field, Object.getOwnPropertyDescriptor(prototype, field)!);
}

/**
 * Returns the method that type-graphql calls with the arguments in the order of their declaration.
 */
function makeMethod(name: string, plan: InputPlan): (...args: never[]) => Promise<unknown> {
  if (plan.kind === "none") {
    return (options: EnqueueOptionsInput | null | undefined, context: GraphqlContext) =>
      enqueueTyped(name, {}, toEnqueueOptions(options), context, keepPath);
  }
  return (input: unknown, options: EnqueueOptionsInput | null | undefined, context: GraphqlContext) => {
    const args = plan.kind === "object" ? toTaskInput(plan.object, input) : (input as Json);
    const toPath = (path: readonly string[]): readonly string[] =>
      plan.kind === "object" ? toInputPath(plan.object, args, path) : path;
    return enqueueTyped(name, args, toEnqueueOptions(options), context, toPath);
  };
}

function keepPath(path: readonly string[]): readonly string[] {
  return path;
}

function enqueueTyped(
  name: string,
  args: Json,
  options: EnqueueOptions | undefined,
  context: GraphqlContext,
  toPath: (path: readonly string[]) => readonly string[],
): Promise<unknown> {
  const request = { name, args, ...(options === undefined ? {} : { options }) };
  return enqueueOne(context, request, ([part, ...path]) =>
    part === "options" ? ["options", ...path] : ["input", ...toPath(path)],
  );
}
