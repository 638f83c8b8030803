import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { BulkResult, RetryChanges } from "../../engine/control/task-control.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, toUserErrors, type UserErrorRecord } from "../errors.ts";
import { payloadOf } from "../payload.ts";
import { readSelection } from "./task-filter.ts";
import { DeleteTasksInput, RetryTasksInput, RevokeTasksInput, RunTasksNowInput } from "./bulk-types.ts";
import { DeleteTasksPayloadType, TasksPayloadType } from "./bulk-types.ts";

interface TasksPayload extends BulkResult {
  readonly errors: readonly UserErrorRecord[];
}

interface DeleteTasksPayload {
  readonly deletedIds: readonly string[];
  readonly deletedCount: number;
  readonly skippedCount: number;
  readonly errors: readonly UserErrorRecord[];
}

/** The mutations of tasks. */
@Resolver(() => TasksPayloadType)
export class TaskMutations {
  @Mutation(payloadOf("RevokeTasks", TasksPayloadType), {
    description:
      "Cancels waiting tasks, which become REVOKED. `terminate` also stops running tasks, which become REVOKED when they have stopped.",
  })
  revokeTasks(
    @Arg("input", () => RevokeTasksInput, { description: "The tasks, and how to revoke them." })
    { select, terminate, reason = null }: RevokeTasksInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    const options = { terminate, by: actor, reason };
    return inBulk(async () => services.taskControl.revoke(readSelection(select, ["select"]), options));
  }

  @Mutation(() => DeleteTasksPayloadType, {
    description:
      "Deletes finished tasks with all their data. Unfinished tasks are skipped. The keys of deleted tasks can be used again.",
  })
  deleteTasks(
    @Arg("input", () => DeleteTasksInput, { description: "The tasks." }) { select }: DeleteTasksInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<DeleteTasksPayload> {
    return answering<DeleteTasksPayload>(
      async () => {
        const { affectedCount, skippedCount, taskIds } = await services.taskControl.delete(
          readSelection(select, ["select"]),
        );
        return { deletedIds: taskIds, deletedCount: affectedCount, skippedCount, errors: [] };
      },
      (errors) => ({ deletedIds: [], deletedCount: 0, skippedCount: 0, errors }),
      inInput,
    );
  }

  @Mutation(payloadOf("RetryTasks", TasksPayloadType), {
    description:
      "Runs finished tasks again as new tasks, linked by `retryOf`. The old tasks are kept. Tasks whose input is no longer accepted are skipped and listed in `errors`.",
  })
  retryTasks(
    @Arg("input", () => RetryTasksInput, { description: "The tasks, and what to change." })
    { select, args, queue }: RetryTasksInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    const changes: RetryChanges = {
      createdBy: actor,
      ...(args === undefined || args === null ? {} : { args }),
      ...(typeof queue === "string" ? { queue } : {}),
    };
    return inBulk(
      async () => services.taskControl.retry(readSelection(select, ["select"]), changes),
      (path) => inInput(retryPath(path, changes)),
    );
  }

  @Mutation(payloadOf("RunTasksNow", TasksPayloadType), {
    description: "Moves SCHEDULED and RETRY tasks to QUEUED.",
  })
  runTasksNow(
    @Arg("input", () => RunTasksNowInput, { description: "The tasks." }) { select }: RunTasksNowInput,
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

const inInput: PathMap = (path) => ["input", ...path];

function inBulk(act: () => Promise<BulkResult>, mapPath: PathMap = inInput): Promise<TasksPayload> {
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
