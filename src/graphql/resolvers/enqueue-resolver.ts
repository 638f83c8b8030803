import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { Enqueued } from "../../engine/enqueuer.ts";
import type { EnqueueRequest } from "../../engine/prepare-task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, refusal, type UserErrorRecord } from "../errors.ts";
import type { Loaders } from "../loaders.ts";
import { EnqueueTaskInput, toEnqueueOptions } from "../inputs/enqueue-input.ts";
import type { TaskSource } from "../task-view.ts";
import { EnqueueTaskPayloadType, EnqueueTasksPayloadType } from "../types/payload-types.ts";

const MAX_INPUTS = 10_000;

/** What payloads of enqueue mutations are resolved from. */
interface EnqueuePayload {
  readonly enqueued: readonly Enqueued[];
  readonly errors: readonly UserErrorRecord[];
}

/** Enqueues one task and answers with a payload. `mapPath` gets paths that begin with `args`, `options` or `name`. */
export function enqueueOne(
  { services, actor }: GraphqlContext,
  request: EnqueueRequest,
  mapPath: PathMap,
): Promise<EnqueuePayload> {
  return answering<EnqueuePayload>(
    async () => ({ enqueued: await services.enqueuer.enqueueMany([request], actor), errors: [] }),
    (errors) => ({ enqueued: [], errors }),
    ([, ...path]) => mapPath(path),
  );
}

@Resolver()
export class EnqueueResolver {
  @Mutation(() => EnqueueTaskPayloadType, {
    description:
      "Enqueues a task by its definition's name. Definitions with an input schema have a typed mutation of their own.",
  })
  enqueueTask(
    @Arg("input", () => EnqueueTaskInput, { description: "The task to be." }) input: EnqueueTaskInput,
    @Ctx() context: GraphqlContext,
  ): Promise<EnqueuePayload> {
    return enqueueOne(context, toRequest(input), (path) => ["input", ...path]);
  }

  @Mutation(() => EnqueueTasksPayloadType, {
    description: "Enqueues many tasks: all or nothing; at most 10,000.",
  })
  enqueueTasks(
    @Arg("inputs", () => [EnqueueTaskInput], { description: "The tasks to be." })
    inputs: readonly EnqueueTaskInput[],
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<EnqueuePayload> {
    return answering<EnqueuePayload>(
      async () => {
        if (inputs.length > MAX_INPUTS) {
          const hint = "Send them in several requests.";
          throw refusal([], `must hold at most ${MAX_INPUTS} tasks, got ${inputs.length}.`, hint);
        }
        return { enqueued: await services.enqueuer.enqueueMany(inputs.map(toRequest), actor), errors: [] };
      },
      (errors) => ({ enqueued: [], errors }),
      (path) => ["inputs", ...path],
    );
  }
}

@Resolver(() => EnqueueTaskPayloadType)
export class EnqueueTaskPayloadResolver {
  @FieldResolver()
  async task(
    @Root() { enqueued }: EnqueuePayload,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskSource | null> {
    const [one] = enqueued;
    return one ? taskOf(one, loaders) : null;
  }

  @FieldResolver()
  deduplicated(@Root() { enqueued }: EnqueuePayload): boolean {
    return enqueued[0]?.deduplicated ?? false;
  }
}

@Resolver(() => EnqueueTasksPayloadType)
export class EnqueueTasksPayloadResolver {
  @FieldResolver()
  ids(@Root() { enqueued }: EnqueuePayload): string[] {
    return enqueued.map((one) => one.taskId);
  }

  @FieldResolver()
  async tasks(
    @Root() { enqueued }: EnqueuePayload,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskSource[]> {
    const tasks = await Promise.all(enqueued.map((one) => taskOf(one, loaders)));
    return tasks.filter((task) => task !== null);
  }
}

/** A task that was there already is read; the committed columns of a new one are at hand. */
async function taskOf({ task, taskId }: Enqueued, loaders: Loaders): Promise<TaskSource | null> {
  return task ?? loaders.task.load(taskId);
}

function toRequest({ name, args, options }: EnqueueTaskInput): EnqueueRequest {
  const read = toEnqueueOptions(options);
  return { name, ...(args === undefined ? {} : { args }), ...(read === undefined ? {} : { options: read }) };
}
