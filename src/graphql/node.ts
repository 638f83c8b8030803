import { Arg, Ctx, Field, ID, InterfaceType, Query, Resolver } from "type-graphql";
import { show } from "../lib/quote.ts";
import { isUuid } from "../lib/uuid.ts";
import type { QueueRecord } from "../store/queues/queue-store.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import { isWorkerQueue, QUEUE_NAME } from "../task/definition/names.ts";
import type { TaskOutline } from "../task/records/task.ts";
import type { WorkerRecord } from "../task/records/worker.ts";
import type { ScheduleRecord } from "../task/schedule/schedule.ts";
import type { GraphqlContext } from "./context.ts";
import { badUserInput } from "./errors.ts";

type Source = TaskOutline | ScheduleRecord | WorkerRecord | QueueRecord | AnyTaskDefinition;

const QUEUE = "queue:";
const DEFINITION = "definition:";
const MAX_NODES = 200;

/** Returns the ID of a queue: `queue:mail`. */
export function queueId(name: string): string {
  return QUEUE + name;
}

/** Returns the ID of a task definition: `definition:mail.send`. */
export function definitionId(name: string): string {
  return DEFINITION + name;
}

@InterfaceType("Node", {
  description: "An object with an ID, by which `node` returns it again.",
  resolveType: typeOf,
})
export abstract class NodeType {
  @Field(() => ID, { description: "ID of the object, unique in the whole API." })
  readonly id!: string;
}

@Resolver()
export class NodeResolver {
  @Query(() => NodeType, {
    nullable: true,
    description:
      "Returns a task, schedule, worker, queue or task definition by its ID, or null if there is no such object.",
  })
  node(
    @Arg("id", () => ID, {
      description: "The ID: a UUID, `queue:` with a name, or `definition:` with a name.",
    })
    id: string,
    @Ctx() context: GraphqlContext,
  ): Promise<Source | null> {
    return readNode("id", id, context);
  }

  @Query(() => [NodeType], {
    nullable: "items",
    description: "Returns objects by their IDs, in the same order. Null for an ID without an object.",
  })
  nodes(
    @Arg("ids", () => [ID], { description: `The IDs, at most ${MAX_NODES}.` }) ids: readonly string[],
    @Ctx() context: GraphqlContext,
  ): Promise<(Source | null)[]> {
    if (ids.length > MAX_NODES)
      throw badUserInput(`ids: expected at most ${MAX_NODES} IDs, got ${ids.length}.`);
    return Promise.all(ids.map((id, index) => readNode(`ids.${index}`, id, context)));
  }
}

/**
 * Loads the object of an ID.
 *
 * @throws GraphQLError (BAD_USER_INPUT) for what cannot be an ID
 */
async function readNode(
  argument: string,
  id: string,
  { loaders, services }: GraphqlContext,
): Promise<Source | null> {
  if (isUuid(id)) {
    // A UUID belongs to one object of the three kinds. Each loader reads all IDs in one statement.
    const key = id.toLowerCase();
    const [task, schedule, worker] = await Promise.all([
      loaders.task.load(key),
      loaders.schedule.load(key),
      loaders.worker.load(key),
    ]);
    return task ?? schedule ?? worker;
  }
  if (id.startsWith(DEFINITION)) return services.registry.get(id.slice(DEFINITION.length)) ?? null;
  if (id.startsWith(QUEUE)) {
    const name = id.slice(QUEUE.length);
    return isQueueName(name) ? loaders.queue.load(name) : null;
  }
  throw badUserInput(
    `${argument}: expected a UUID, "${QUEUE}<name>" or "${DEFINITION}<name>", got ${show(id)}.`,
  );
}

function isQueueName(name: string): boolean {
  return QUEUE_NAME.test(name) || (isWorkerQueue(name) && !name.includes("\0") && name.isWellFormed());
}

/** Returns the GraphQL type of an object, which its records do not name. */
function typeOf(source: Source): string {
  if ("hostname" in source) return "Worker";
  if ("timing" in source) return "Schedule";
  if ("latencyMs" in source) return "Queue";
  return "inputJsonSchema" in source ? "TaskDefinition" : "Task";
}
