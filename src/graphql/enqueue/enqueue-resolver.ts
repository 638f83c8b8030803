import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { Enqueued } from "../../engine/enqueue/enqueuer.ts";
import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, refusal, type UserErrorRecord } from "../errors.ts";
import type { Loaders } from "../loading/loaders.ts";
import { BroadcastTaskInput, EnqueueTaskInput, EnqueueTasksInput, toRequest } from "./enqueue-input.ts";
import type { TaskSource } from "../tasks/task-view.ts";
import {
  BroadcastTaskPayloadType,
  EnqueueTaskPayloadType,
  EnqueueTasksPayloadType,
} from "./payload-types.ts";

const MAX_INPUTS = 10_000;

/** The value from which payloads of enqueue mutations are resolved. */
interface EnqueuePayload {
  readonly enqueued: readonly Enqueued[];
  readonly errors: readonly UserErrorRecord[];
}

interface BroadcastPayload extends EnqueuePayload {
  readonly workers: readonly string[];
}

/**
 * Enqueues one task and returns the payload. `mapPath` receives paths that begin with `args`,
 * `options` or `name`.
 */
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
      "Enqueues a task by the name of its definition. Definitions with an input schema also have a typed mutation.",
  })
  enqueueTask(
    @Arg("input", () => EnqueueTaskInput, { description: "The task to enqueue." }) input: EnqueueTaskInput,
    @Ctx() context: GraphqlContext,
  ): Promise<EnqueuePayload> {
    return enqueueOne(context, toRequest(input), (path) => ["input", ...path]);
  }

  @Mutation(() => EnqueueTasksPayloadType, {
    description: "Enqueues up to 10,000 tasks: all of them, or none.",
  })
  enqueueTasks(
    @Arg("input", () => EnqueueTasksInput, { description: "The tasks to enqueue." })
    { tasks }: EnqueueTasksInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<EnqueuePayload> {
    return answering<EnqueuePayload>(
      async () => {
        if (tasks.length > MAX_INPUTS) {
          const hint = "Send them in several requests.";
          throw refusal([], `expected at most ${MAX_INPUTS} tasks, got ${tasks.length}.`, hint);
        }
        return { enqueued: await services.enqueuer.enqueueMany(tasks.map(toRequest), actor), errors: [] };
      },
      (errors) => ({ enqueued: [], errors }),
      (path) => ["input", "tasks", ...path],
    );
  }
}

@Resolver(() => BroadcastTaskPayloadType)
export class BroadcastResolver {
  @Mutation(() => BroadcastTaskPayloadType, {
    description:
      "Enqueues one task for each live worker that knows the definition, or none at all. Only that worker runs the task. Workers that are shutting down get none.",
  })
  broadcastTask(
    @Arg("input", () => BroadcastTaskInput, { description: "The task to enqueue, and the workers." })
    input: BroadcastTaskInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<BroadcastPayload> {
    return answering<BroadcastPayload>(
      async () => {
        const done = await services.broadcaster.broadcast(toRequest(input), input.workers ?? null, actor);
        return { ...done, errors: [] };
      },
      (errors) => ({ workers: [], enqueued: [], errors }),
      (path) => ["input", ...path],
    );
  }

  @FieldResolver()
  ids(@Root() { enqueued }: BroadcastPayload): string[] {
    return idsOf(enqueued);
  }

  @FieldResolver()
  tasks(@Root() { enqueued }: BroadcastPayload, @Ctx() { loaders }: GraphqlContext): Promise<TaskSource[]> {
    return tasksOf(enqueued, loaders);
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
    return idsOf(enqueued);
  }

  @FieldResolver()
  tasks(@Root() { enqueued }: EnqueuePayload, @Ctx() { loaders }: GraphqlContext): Promise<TaskSource[]> {
    return tasksOf(enqueued, loaders);
  }
}

function idsOf(enqueued: readonly Enqueued[]): string[] {
  return enqueued.map((one) => one.taskId);
}

async function tasksOf(enqueued: readonly Enqueued[], loaders: Loaders): Promise<TaskSource[]> {
  const tasks = await Promise.all(enqueued.map((one) => taskOf(one, loaders)));
  return tasks.filter((task) => task !== null);
}

/** Loads an existing task. The columns of a new one are known from its insert. */
async function taskOf({ task, taskId }: Enqueued, loaders: Loaders): Promise<TaskSource | null> {
  return task ?? loaders.task.load(taskId);
}
