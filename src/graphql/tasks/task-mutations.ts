import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { BulkResult, RetryChanges } from "../../engine/control/task-control.ts";
import type { Json } from "../../lib/json/json.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, toUserErrors, type UserErrorRecord } from "../errors.ts";
import { TaskSelectionInput } from "./filter-input.ts";
import { JsonScalar } from "../scalars.ts";
import { readSelection } from "./task-filter.ts";
import { DeletePayloadType, TasksPayloadType } from "./bulk-payload-types.ts";

interface TasksPayload extends BulkResult {
  readonly errors: readonly UserErrorRecord[];
}

export interface DeletePayload {
  readonly deletedCount: number;
  readonly skippedCount: number;
  readonly errors: readonly UserErrorRecord[];
}

const SELECT = "The tasks to act on.";

/** The mutations of tasks. */
@Resolver(() => TasksPayloadType)
export class TaskMutations {
  @Mutation(() => TasksPayloadType, {
    description:
      "Cancels waiting tasks, which become REVOKED. `terminate` also stops running tasks, which become REVOKED when they have stopped.",
  })
  revokeTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Arg("terminate", () => Boolean, {
      defaultValue: false,
      description: "Whether to stop running tasks too.",
    })
    terminate: boolean,
    @Arg("reason", () => String, {
      nullable: true,
      description:
        "The reason, of up to 500 characters. It is shown with the tasks and passed to the code of running ones.",
    })
    reason: string | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    const options = { terminate, by: actor, reason: reason ?? null };
    return inBulk(async () => services.taskControl.revoke(readSelection(select, ["select"]), options));
  }

  @Mutation(() => DeletePayloadType, {
    description:
      "Deletes finished tasks with all their data. Unfinished tasks are skipped. The keys of deleted tasks can be used again.",
  })
  deleteTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<DeletePayload> {
    return answering<DeletePayload>(
      async () => {
        const { affectedCount, skippedCount } = await services.taskControl.delete(
          readSelection(select, ["select"]),
        );
        return { deletedCount: affectedCount, skippedCount, errors: [] };
      },
      (errors) => ({ deletedCount: 0, skippedCount: 0, errors }),
    );
  }

  @Mutation(() => TasksPayloadType, {
    description:
      "Runs finished tasks again as new tasks, linked by `retryOf`. The old tasks are kept. Tasks whose input is no longer accepted are skipped and listed in `errors`.",
  })
  retryTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Arg("args", () => JsonScalar, {
      nullable: true,
      description: "Input of the new tasks. Defaults to the input of each old task.",
    })
    args: Json | undefined,
    @Arg("queue", () => String, {
      nullable: true,
      description: "Queue of the new tasks. Defaults to the queue of each old task.",
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
      async () => services.taskControl.retry(readSelection(select, ["select"]), changes),
      (path) => retryPath(path, changes),
    );
  }

  @Mutation(() => TasksPayloadType, { description: "Moves SCHEDULED and RETRY tasks to QUEUED." })
  runTasksNow(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<TasksPayload> {
    return inBulk(async () => services.taskControl.runNow(readSelection(select, ["select"])));
  }

  @FieldResolver()
  async tasks(@Root() { taskIds }: TasksPayload, @Ctx() { loaders }: GraphqlContext): Promise<TaskOutline[]> {
    const tasks = await Promise.all(taskIds.map((id) => loaders.task.load(id)));
    return tasks.filter((task) => task !== null);
  }
}

function inBulk(act: () => Promise<BulkResult>, mapPath?: PathMap): Promise<TasksPayload> {
  return answering<TasksPayload>(
    async () => {
      const done = await act();
      return { ...done, errors: toUserErrors(done, mapPath) };
    },
    (errors) => ({ affectedCount: 0, skippedCount: 0, taskIds: [], issues: [], moreIssues: 0, errors }),
    mapPath,
  );
}

/**
 * Maps a path that begins with a task's ID, which the message names. Values that the caller did not
 * give belong to the selection.
 */
function retryPath(path: readonly string[], changes: RetryChanges): readonly string[] {
  if (path[0] === "select") return path;
  const [, part, key] = path;
  if (part === "args" && changes.args !== undefined) return path.slice(1);
  return part === "options" && key === "queue" && changes.queue !== undefined ? ["queue"] : ["select"];
}
