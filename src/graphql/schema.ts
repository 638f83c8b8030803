// Before every import of a decorated class: the decorators of type-graphql call its functions.
import "reflect-metadata";
import {
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  GraphQLInputObjectType,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { buildSchemaSync, type PubSub } from "type-graphql";
import type { Registry } from "../task/definition/registry.ts";
import type { GraphqlContext } from "./context.ts";
import { addSecondsOfDurations } from "./duration-seconds.ts";
import { toGraphqlError } from "./errors.ts";
import { makeEnqueueMutations } from "./typed/enqueue-mutations.ts";
import { addRunSubscriptions } from "./typed/run-subscriptions.ts";
import { addTaskValues, TASK_VALUE_TYPES } from "./typed/task-values.ts";
import { TypeNames } from "./typed/type-names.ts";
import { markSensitiveFields } from "./sensitive-fields.ts";
import { ControlResolver } from "./control/control-resolver.ts";
import { DefinitionResolver } from "./definitions/definition-resolver.ts";
import {
  BroadcastResolver,
  EnqueueResolver,
  EnqueueTaskPayloadResolver,
  EnqueueTasksPayloadResolver,
} from "./enqueue/enqueue-resolver.ts";
import { RunSubscription } from "./enqueue/run-task.ts";
import { ExplainResolver } from "./enqueue/explain-resolver.ts";
import { QueueMutations } from "./queues/queue-mutations.ts";
import { QueueResolver } from "./queues/queue-resolver.ts";
import { ScheduleMutations } from "./schedules/schedule-mutations.ts";
import { IntervalTimingResolver, ScheduleResolver } from "./schedules/schedule-resolver.ts";
import { SkippedSlotsResolver } from "./schedules/skipped-slots.ts";
import { NodeResolver } from "./node.ts";
import { ServerResolver } from "./server-info.ts";
import {
  FailureGroupResolver,
  OverviewResolver,
  StateCountsResolver,
  TaskStatsResolver,
} from "./stats/stats-resolver.ts";
import { TaskErrorResolver, TaskFieldResolver, TaskProgressResolver } from "./tasks/task-field-resolver.ts";
import { TaskOutcomeResolver } from "./tasks/outcome.ts";
import { TaskLogResolver } from "./logs/task-log-resolver.ts";
import { TaskMutations } from "./tasks/task-mutations.ts";
import { TaskConnectionResolver, TaskQueryResolver } from "./tasks/task-query-resolver.ts";
import { TaskSettingMutations } from "./definitions/task-setting-mutations.ts";
import { TimingResolver } from "./schedules/timing-resolver.ts";
import { WorkerMutations } from "./workers/worker-mutations.ts";
import { WorkerResolver } from "./workers/worker-resolver.ts";
import { ControlSubscriptions } from "./control/control-subscriptions.ts";
import { LogSubscriptions } from "./logs/log-subscriptions.ts";
import { TaskListSubscription } from "./lists/task-list-subscription.ts";
import { OverviewSubscription } from "./stats/overview-subscription.ts";
import { QueueSubscriptions } from "./queues/queue-subscriptions.ts";
import { ScheduleSubscriptions } from "./schedules/schedule-subscriptions.ts";
import { TaskSubscriptions } from "./tasks/task-subscriptions.ts";
import { WorkerSubscriptions } from "./workers/worker-subscriptions.ts";

const RESOLVERS = [
  ServerResolver,
  NodeResolver,
  DefinitionResolver,
  TaskQueryResolver,
  TaskConnectionResolver,
  TaskFieldResolver,
  TaskOutcomeResolver,
  TaskProgressResolver,
  TaskLogResolver,
  TaskErrorResolver,
  WorkerResolver,
  WorkerMutations,
  TaskSettingMutations,
  ControlResolver,
  QueueResolver,
  QueueMutations,
  TimingResolver,
  ScheduleResolver,
  SkippedSlotsResolver,
  IntervalTimingResolver,
  ScheduleMutations,
  EnqueueResolver,
  EnqueueTaskPayloadResolver,
  EnqueueTasksPayloadResolver,
  BroadcastResolver,
  ExplainResolver,
  TaskMutations,
  TaskSubscriptions,
  RunSubscription,
  TaskListSubscription,
  LogSubscriptions,
  WorkerSubscriptions,
  QueueSubscriptions,
  ScheduleSubscriptions,
  ControlSubscriptions,
  OverviewResolver,
  StateCountsResolver,
  TaskStatsResolver,
  FailureGroupResolver,
  OverviewSubscription,
] as const;

/** Inputs with exactly one field (`@oneOf`). type-graphql has no option for them. */
export const ONE_OF_INPUTS: readonly string[] = [
  "ScheduleBy",
  "ScheduleSelection",
  "TaskSelection",
  "TimingInput",
  "WorkerTarget",
];

/**
 * Fields whose column has another name: in the API the plain noun is the object, and its name has
 * the suffix `Name`. A field resolver of type-graphql would cost a promise for each task of a list.
 */
const NAME_COLUMNS: Readonly<Record<string, string>> = {
  "Task.queueName": "queue",
  "TaskExplanation.queueName": "queue",
  "Worker.queueNames": "queues",
  "Worker.definitionNames": "definitions",
  "WorkerReply.workerName": "worker",
  "BroadcastTaskPayload.workerNames": "workers",
};

const ROOT_DESCRIPTIONS = {
  Query: "The queries of the API.",
  Mutation:
    "The mutations of the API. Errors that a caller can act on are returned in the payload's `errors`.",
  Subscription:
    "The subscriptions of the API. `after` is exclusive: missed events are replayed, then live events follow, without gaps or duplicates.",
} as const;

/**
 * Builds the API's schema: the fixed part, a typed mutation for each task definition with an input
 * schema, and the types of inputs and outputs.
 *
 * @throws DefinitionError that names the task and the path of a part that GraphQL cannot express
 */
export function buildLovageSchema(registry: Registry): GraphQLSchema {
  const fixed = build(RESOLVERS);
  const definitions = registry.all();
  const names = new TypeNames(new Set([...Object.keys(fixed.getTypeMap()), ...TASK_VALUE_TYPES]));
  const mutations = new Set(Object.keys(fixed.getMutationType()?.getFields() ?? {}));
  const generated = makeEnqueueMutations(definitions, names, mutations);
  const finished = finish(
    generated === null ? fixed : build([...RESOLVERS, generated.resolver]),
    generated?.oneOfs,
  );
  addRunSubscriptions(finished, definitions, generated?.plans ?? new Map());
  const schema = addTaskValues(finished, definitions, names);
  markSensitiveFields(schema, definitions);
  guardFields(schema);
  return schema;
}

/** Prints the schema in an order that does not depend on the code. */
export function printLovageSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

function build(resolvers: readonly Function[]): GraphQLSchema {
  return buildSchemaSync({
    resolvers: resolvers as [Function, ...Function[]],
    // By default, type-graphql adds every type that was ever decorated in this process.
    orphanedTypes: [],
    validate: false,
    // Otherwise a field with the name of a method of every object would get that method as its
    // default.
    disableInferringDefaultValues: true,
    pubSub: NO_PUBSUB,
  });
}

type Resolve = GraphQLFieldResolver<unknown, Partial<Pick<GraphqlContext, "reply">>>;

/**
 * Makes every resolver count the bytes of its value and throw errors that callers may see. It is
 * not a middleware of type-graphql, which would cost five promises for each field of a large reply.
 */
function guardFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) field.resolve = guarded(field.resolve as Resolve);
    }
  }
}

function guarded(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    const { reply } = context;
    // The reply is refused already: thousands of null fields cost less than thousands of errors.
    if (reply?.refusal) return null;
    const counted = (value: unknown): unknown => (reply && !reply.count(value, info) ? null : value);
    try {
      const run = (): unknown => resolve(source, args, context, info);
      const value =
        reply && isRepeatable(source, args, info) ? reply.once(source, info.fieldName, run) : run();
      return value instanceof Promise ? value.then(counted, throwForCaller) : counted(value);
    } catch (error) {
      return throwForCaller(error);
    }
  };
}

/**
 * Whether a field may be one of many names for the same value. Not at the root: each alias of a
 * mutation changes something.
 */
function isRepeatable(
  source: unknown,
  args: object,
  { path, fieldName }: GraphQLResolveInfo,
): source is object {
  if (path.key === fieldName || typeof source !== "object" || source === null) return false;
  return path.prev !== undefined && Object.keys(args).length === 0;
}

function throwForCaller(error: unknown): never {
  throw toGraphqlError(error);
}

/** type-graphql requires one. Our subscriptions have their own streams. */
const NO_PUBSUB: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error("Subscriptions read the event feed.");
  },
};

function finish(schema: GraphQLSchema, oneOfs: readonly string[] = []): GraphQLSchema {
  for (const name of [...ONE_OF_INPUTS, ...oneOfs]) {
    const type = schema.getType(name);
    if (!(type instanceof GraphQLInputObjectType)) throw new Error(`The schema has no input "${name}".`);
    type.isOneOf = true;
  }
  for (const [path, column] of Object.entries(NAME_COLUMNS)) {
    const [typeName, fieldName] = path.split(".") as [string, string];
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (!field) throw new Error(`The schema has no field "${path}".`);
    field.resolve = (source: Readonly<Record<string, unknown>>) => source[column];
  }
  addSecondsOfDurations(schema);
  for (const [name, description] of Object.entries(ROOT_DESCRIPTIONS)) {
    const type = schema.getType(name);
    if (type) type.description = description;
  }
  return schema;
}
