import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { BulkResult, RetryChanges } from "../../engine/task-control.ts";
import type { Json } from "../../lib/json.ts";
import type { TaskRecord } from "../../task/task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, type UserErrorRecord } from "../errors.ts";
import { TaskSelectionInput } from "../inputs/filter-input.ts";
import { JsonScalar } from "../scalars.ts";
import { readSelection } from "../task-filter.ts";
import { TasksPayloadType } from "../types/payload-types.ts";

interface TasksPayload extends BulkResult {
  readonly errors: readonly UserErrorRecord[];
}

const SELECT = "Which tasks.";

/** What people do to tasks, one or many. */
@Resolver(() => TasksPayloadType)
export class TaskMutations {
  @Mutation(() => TasksPayloadType, {
    description:
      "Ends waiting tasks as REVOKED. `terminate` also stops what runs: such a task becomes REVOKED when it has stopped.",
  })
  revokeTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Arg("terminate", () => Boolean, {
      defaultValue: false,
      description: "Whether to stop running tasks too.",
    })
    terminate: boolean,
    @Ctx() { services }: GraphqlContext,
  ): Promise<TasksPayload> {
    return inBulk(async () => services.control.revoke(readSelection(select, ["select"]), { terminate }));
  }

  @Mutation(() => TasksPayloadType, {
    description: "Runs finished tasks again: new tasks linked by `retryOf`; the old ones stay.",
  })
  retryTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Arg("args", () => JsonScalar, {
      nullable: true,
      description: "Their input; without it each has that of its old task.",
    })
    args: Json | undefined,
    @Arg("queue", () => String, {
      nullable: true,
      description: "Their queue; without it each has that of its old task.",
    })
    queue: string | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    const changes: RetryChanges = {
      createdBy: actor,
      ...(args === undefined || args === null ? {} : { args }),
      ...(typeof queue === "string" ? { queue } : {}),
    };
    return inBulk(
      async () => services.control.retry(readSelection(select, ["select"]), changes),
      (path) => retryPath(path, changes),
    );
  }

  @Mutation(() => TasksPayloadType, { description: "SCHEDULED and RETRY tasks become QUEUED." })
  runTasksNow(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<TasksPayload> {
    return inBulk(async () => services.control.runNow(readSelection(select, ["select"])));
  }

  @FieldResolver()
  async tasks(@Root() { taskIds }: TasksPayload, @Ctx() { loaders }: GraphqlContext): Promise<TaskRecord[]> {
    const tasks = await Promise.all(taskIds.map((id) => loaders.task.load(id)));
    return tasks.filter((task) => task !== null);
  }
}

function inBulk(act: () => Promise<BulkResult>, mapPath?: PathMap): Promise<TasksPayload> {
  return answering<TasksPayload>(
    async () => ({ ...(await act()), errors: [] }),
    (errors) => ({ affectedCount: 0, skippedCount: 0, taskIds: [], errors }),
    mapPath,
  );
}

/** The enqueuer's paths begin with a number that means nothing to the caller; what the caller did not give was selected. */
function retryPath(path: readonly string[], changes: RetryChanges): readonly string[] {
  if (path[0] === "select") return path;
  const [, part, key] = path;
  if (part === "args" && changes.args !== undefined) return path.slice(1);
  return part === "options" && key === "queue" && changes.queue !== undefined ? ["queue"] : ["select"];
}
