import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { redact } from "../../task/sensitive/sensitive.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import type {
  TaskAttempt,
  TaskError,
  TaskErrorCause,
  TaskProgress,
  TaskOutline,
} from "../../task/records/task.ts";
import type { WorkerRecord } from "../../task/records/worker.ts";
import type { GraphqlContext } from "../context.ts";
import {
  actionsOn,
  attemptsOf,
  errorOf,
  loadOutline,
  loadValue,
  percentOf,
  resultOf,
  runTimeOf,
  type TaskSource,
  waitTimeOf,
} from "./task-view.ts";
import { type TaskAction, TaskErrorType, TaskProgressType, TaskType } from "./task-type.ts";

/**
 * Resolves fields of a Task that are not columns of every source. The other fields are read from
 * the record.
 */
@Resolver(() => TaskType)
export class TaskFieldResolver {
  @FieldResolver()
  definition(@Root() task: TaskSource, @Ctx() { services }: GraphqlContext): AnyTaskDefinition | null {
    return services.registry.get(task.name) ?? null;
  }

  @FieldResolver()
  queue(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<QueueRecord> {
    return loaders.queue.load(task.queue);
  }

  @FieldResolver()
  async args(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<Json> {
    const input = (await loadValue(task, "input", context))?.input ?? null;
    // Also for a task that was created where its definition was unknown or had no sensitive paths
    // yet.
    return redact(input, context.services.registry.get(task.name)?.sensitive ?? []);
  }

  @FieldResolver()
  async result(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<Json> {
    return (await resultOf(task, context)).output;
  }

  @FieldResolver()
  async resultGone(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<boolean> {
    return (await resultOf(task, context)).gone;
  }

  @FieldResolver()
  error(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<TaskError | null> {
    return errorOf(task, context);
  }

  @FieldResolver()
  worker(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<WorkerRecord | null> | null {
    return task.workerId === null ? null : loaders.worker.load(task.workerId);
  }

  @FieldResolver()
  async meta(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<JsonObject | null> {
    return (await loadOutline(task, context))?.meta ?? null;
  }

  @FieldResolver()
  async uniqueKey(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<string | null> {
    return (await loadOutline(task, context))?.uniqueKey ?? null;
  }

  @FieldResolver()
  async idempotencyKey(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<string | null> {
    return (await loadOutline(task, context))?.idempotencyKey ?? null;
  }

  @FieldResolver()
  async expiresAt(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<Date | null> {
    return (await loadOutline(task, context))?.expiresAt ?? null;
  }

  @FieldResolver()
  async revokedBy(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<string | null> {
    return (await loadOutline(task, context))?.revocation?.by ?? null;
  }

  @FieldResolver()
  async revokeReason(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<string | null> {
    return (await loadOutline(task, context))?.revocation?.reason ?? null;
  }

  @FieldResolver()
  waitTime(@Root() task: TaskSource): number | null {
    return waitTimeOf(task);
  }

  @FieldResolver()
  runTime(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<number | null> {
    return runTimeOf(task, context);
  }

  @FieldResolver()
  async timeLimit(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<number | null> {
    return (await loadOutline(task, context))?.timeLimitMs ?? null;
  }

  @FieldResolver()
  async softTimeLimit(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<number | null> {
    return (await loadOutline(task, context))?.options?.softTimeLimitMs ?? null;
  }

  @FieldResolver()
  attempts(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<TaskAttempt[]> {
    return attemptsOf(task, context);
  }

  @FieldResolver()
  async parent(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<TaskOutline | null> {
    const parentId = (await loadOutline(task, context))?.parentId ?? null;
    return parentId === null ? null : context.loaders.task.load(parentId);
  }

  @FieldResolver()
  async retryOf(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<TaskOutline | null> {
    const retryOf = (await loadOutline(task, context))?.retryOf ?? null;
    return retryOf === null ? null : context.loaders.task.load(retryOf);
  }

  @FieldResolver()
  schedule(
    @Root() { scheduleId }: TaskSource,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ScheduleRecord | null> | null {
    return scheduleId === null ? null : loaders.schedule.load(scheduleId);
  }

  @FieldResolver()
  async slot(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<Date | null> {
    if (task.scheduleId === null) return null;
    return (await loadOutline(task, context))?.slot ?? null;
  }

  @FieldResolver()
  async createdBy(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<string | null> {
    return (await loadOutline(task, context))?.createdBy ?? null;
  }

  @FieldResolver()
  viewerActions(@Root() task: TaskSource): TaskAction[] {
    return actionsOn(task);
  }
}

@Resolver(() => TaskProgressType)
export class TaskProgressResolver {
  @FieldResolver()
  percent(@Root() progress: TaskProgress): number | null {
    return percentOf(progress);
  }
}

@Resolver(() => TaskErrorType)
export class TaskErrorResolver {
  @FieldResolver()
  causes(@Root() { causes }: TaskError): readonly TaskErrorCause[] {
    return causes ?? [];
  }

  @FieldResolver()
  declared(@Root() { detail }: TaskError): TaskError["detail"] | null {
    return detail ?? null;
  }
}
