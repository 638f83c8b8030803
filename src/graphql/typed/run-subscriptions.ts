import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
} from "graphql";
import type { Json } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { GraphqlContext } from "../context.ts";
import { type EnqueueOptionsInput, toEnqueueOptions } from "../enqueue/enqueue-input.ts";
import { KEY_DESCRIPTION, type RunArguments, runTask } from "../enqueue/run-task.ts";
import { markEnqueuing } from "../enqueuing-fields.ts";
import { opening } from "../streams/message-stream.ts";
import type { EnqueuePlans } from "./enqueue-mutations.ts";
import { type InputPlan, toInputPath, toTaskInput } from "./value-plan.ts";

interface TypedRunArguments extends RunArguments {
  readonly input?: unknown;
  readonly idempotencyKey: string;
  readonly options?: EnqueueOptionsInput | null;
}

/**
 * Adds to `runTask` a typed subscription for each typed mutation: `enqueueMailSend` gets
 * `runMailSend`, with the same `input`. They are added to the finished schema, because a subscription
 * of type-graphql converts its arguments again for each message.
 */
export function addRunSubscriptions(
  schema: GraphQLSchema,
  definitions: readonly AnyTaskDefinition[],
  plans: EnqueuePlans,
): void {
  const fields = schema.getSubscriptionType()!.getFields();
  const mutations = schema.getMutationType()!.getFields();
  const base = fields["runTask"]!;
  markEnqueuing(base);
  for (const definition of definitions) {
    const plan = plans.get(definition);
    if (!plan) continue;
    const mutation = mutations[definition.mutationField!]!;
    const name = mutation.name.replace(/^enqueue/, "run");
    fields[name] = typedRun(name, definition, plan, { base, mutation });
  }
}

function typedRun(
  name: string,
  { name: task, description, deprecationReason }: AnyTaskDefinition,
  plan: InputPlan,
  { base, mutation }: Readonly<Record<"base" | "mutation", GraphQLField<unknown, unknown>>>,
): GraphQLField<unknown, unknown> {
  const inputs = mutation.args.filter((argument) => argument.name === "input");
  const options = mutation.args.filter((argument) => argument.name === "options");
  const rest = base.args.filter((argument) => argument.name !== "input");
  return {
    ...base,
    name,
    description: description ?? `Runs a task of \`${task}\`, and follows it to its end.`,
    deprecationReason: deprecationReason ?? undefined,
    args: [...inputs, KEY, ...options, ...rest],
    subscribe: subscribeTyped(task, plan),
  };
}

const KEY: GraphQLArgument = {
  name: "idempotencyKey",
  description: KEY_DESCRIPTION,
  type: new GraphQLNonNull(GraphQLString),
  defaultValue: undefined,
  deprecationReason: undefined,
  extensions: {},
  astNode: undefined,
};

function subscribeTyped(name: string, plan: InputPlan): GraphQLFieldResolver<unknown, unknown> {
  const subscribe = opening((args: TypedRunArguments, context: GraphqlContext) => {
    const { input, idempotencyKey } = args;
    const taskInput = plan.kind === "object" ? toTaskInput(plan.object, input) : ((input ?? {}) as Json);
    const options = toEnqueueOptions(args.options);
    const request = { name, args: taskInput, idempotencyKey, ...(options === undefined ? {} : { options }) };
    return runTask(context, request, args, ([part, ...path]) => {
      if (part !== "args") return part === undefined ? [] : [part, ...path];
      return ["input", ...(plan.kind === "object" ? toInputPath(plan.object, taskInput, path) : path)];
    });
  });
  return (_source, args, context) =>
    subscribe({ args: args as TypedRunArguments, context: context as GraphqlContext });
}
