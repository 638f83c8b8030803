import { Arg, Field, InputType, Resolver, Root, Subscription } from "type-graphql";
import type { RunRequest } from "../../engine/enqueue/task-runs.ts";
import type { Json } from "../../lib/json/json.ts";
import type { GraphqlContext } from "../context.ts";
import { type PathMap, withPaths } from "../errors.ts";
import { JsonScalar } from "../scalars.ts";
import { DELIVERY_DESCRIPTION, readDelivery, StreamDeliveryInput } from "../streams/delivery-input.ts";
import { opening } from "../streams/message-stream.ts";
import type { TaskMessage } from "../streams/stream-messages.ts";
import { TaskStream } from "../tasks/task-stream-type.ts";
import { watchNewTask, watchTask } from "../tasks/task-watch.ts";
import { EnqueueOptionsInput, toRequest } from "./enqueue-input.ts";

export const KEY_DESCRIPTION =
  "Key of the run, which the client makes. A subscription with the same key and input follows the same task, so a client that connects again never enqueues twice.";
const AFTER =
  "Continues after this cursor, without gaps or duplicates. With it, no task is enqueued: the key must be that of a task.";

@InputType("RunTaskInput", { description: "A task to enqueue and to follow." })
class RunTaskInput {
  @Field(() => String, { description: "Name of the task definition." })
  readonly name!: string;
  @Field(() => JsonScalar, { nullable: true, description: "The task's input. Defaults to {}." })
  readonly args?: Json;
  @Field(() => String, { description: KEY_DESCRIPTION })
  readonly idempotencyKey!: string;
  @Field(() => EnqueueOptionsInput, {
    nullable: true,
    description: "Options of the call, without `idempotencyKey`.",
  })
  readonly options?: EnqueueOptionsInput | null;
}

/** The arguments of every subscription that runs a task. */
export interface RunArguments {
  readonly after?: string | null;
  readonly delivery?: StreamDeliveryInput | null;
}

/**
 * Enqueues a task and watches it, or watches the task that has the key.
 *
 * @param mapPath receives paths that begin with `name`, `args`, `options` or `idempotencyKey`
 * @throws GraphQLError with the reasons of a refusal
 */
export async function runTask(
  { services, actor }: GraphqlContext,
  request: RunRequest,
  args: RunArguments,
  mapPath: PathMap,
): Promise<AsyncIterable<TaskMessage>> {
  const delivery = readDelivery(args.delivery);
  const after = args.after ?? null;
  // Read before the enqueue, so that all events of a new task are after it.
  const head = await services.feed.head();
  const { taskId, isNew } = await (
    after === null ? services.taskRuns.start(request, actor) : services.taskRuns.find(request, actor)
  ).catch((error: unknown) => {
    throw withPaths(error, (path) => mapPath(isKey(path) ? ["idempotencyKey"] : path));
  });
  if (isNew) return watchNewTask(services, taskId, { head, delivery });
  return watchTask(services, taskId, { after, delivery });
}

function isKey(path: readonly string[]): boolean {
  return path.join(".") === "options.idempotencyKey";
}

@Resolver()
export class RunSubscription {
  @Subscription(() => TaskStream, {
    description:
      "Enqueues a task and sends its events until its end, in one operation. If a task has the idempotency key, sends the state of that task now, then every change. Definitions with an input schema also have a typed subscription.",
    subscribe: opening(
      ({ input, ...args }: RunArguments & { readonly input: RunTaskInput }, context: GraphqlContext) => {
        const request = { ...toRequest(input), idempotencyKey: input.idempotencyKey };
        return runTask(context, request, args, (path) => ["input", ...path]);
      },
    ),
  })
  runTask(
    @Root() message: TaskMessage,
    @Arg("input", () => RunTaskInput, { description: "The task to run." }) _input: RunTaskInput,
    @Arg("after", () => String, { nullable: true, description: AFTER }) _after: string | null | undefined,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): TaskMessage {
    return message;
  }
}
