import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { BulkResult, RetryChanges } from "../../engine/control/task-control.ts";
import type { Json } from "../../lib/json.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, type PathMap, toUserErrors, type UserErrorRecord } from "../errors.ts";
import { TaskSelectionInput } from "./filter-input.ts";
import { JsonScalar } from "../scalars.ts";
import { readSelection } from "./task-filter.ts";
import { TasksPayloadType } from "../enqueue/payload-types.ts";
import { DeletePayloadType } from "../schedules/schedule-payload-types.ts";

interface TasksPayload extends BulkResult {
  readonly errors: readonly UserErrorRecord[];
}

export interface DeletePayload {
  readonly deletedCount: number;
  readonly skippedCount: number;
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
    @Arg("reason", () => String, {
      nullable: true,
      description: "Why: shown with the tasks, and told to the code of running ones; up to 500 characters.",
    })
    reason: string | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    const options = { terminate, by: actor, reason: reason ?? null };
    return inBulk(async () => services.control.revoke(readSelection(select, ["select"]), options));
  }

  @Mutation(() => DeletePayloadType, {
    description:
      "Deletes finished tasks for good, with all that is kept of them; others are left alone. Their keys are free then.",
  })
  deleteTasks(
    @Arg("select", () => TaskSelectionInput, { description: SELECT }) select: TaskSelectionInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<DeletePayload> {
    return answering<DeletePayload>(
      async () => {
        const { affectedCount, skippedCount } = await services.control.delete(
          readSelection(select, ["select"]),
        );
        return { deletedCount: affectedCount, skippedCount, errors: [] };
      },
      (errors) => ({ deletedCount: 0, skippedCount: 0, errors }),
    );
  }

  @Mutation(() => TasksPayloadType, {
    description:
      "Runs finished tasks again: new tasks linked by `retryOf`; the old ones stay. A task whose input is not accepted any more is left out, and `errors` names it.",
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

/** Paths begin with the id of a task, which the message names; what the caller did not give was selected. */
function retryPath(path: readonly string[], changes: RetryChanges): readonly string[] {
  if (path[0] === "select") return path;
  const [, part, key] = path;
  if (part === "args" && changes.args !== undefined) return path.slice(1);
  return part === "options" && key === "queue" && changes.queue !== undefined ? ["queue"] : ["select"];
}
