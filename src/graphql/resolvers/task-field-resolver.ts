import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { AnyTaskDefinition } from "../../task/definition.ts";
import { redact } from "../../task/sensitive.ts";
import type { ScheduleRecord } from "../../task/schedule.ts";
import type { TaskAttempt, TaskError, TaskErrorCause, TaskProgress, TaskRecord } from "../../task/task.ts";
import type { WorkerRecord } from "../../task/worker.ts";
import type { GraphqlContext } from "../context.ts";
import {
  actionsOn,
  attemptsOf,
  errorOf,
  loadRecord,
  percentOf,
  resultOf,
  runTimeOf,
  type TaskSource,
  waitTimeOf,
} from "../task-view.ts";
import type { TaskAction } from "../types/enums.ts";
import { TaskErrorType, TaskProgressType, TaskType } from "../types/task-type.ts";

/** Fields of a Task that are not columns of every source; the rest is read off the record as it is. */
@Resolver(() => TaskType)
export class TaskFieldResolver {
  @FieldResolver()
  definition(@Root() task: TaskSource, @Ctx() { services }: GraphqlContext): AnyTaskDefinition | null {
    return services.registry.get(task.name) ?? null;
  }

  @FieldResolver()
  async args(@Root() task: TaskSource, @Ctx() { loaders, services }: GraphqlContext): Promise<Json> {
    const input = (await loadRecord(task, loaders))?.input ?? null;
    // Also of a task that was made where its definition was not known, or did not say so yet.
    return redact(input, services.registry.get(task.name)?.sensitive ?? []);
  }

  @FieldResolver()
  async result(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<Json> {
    return (await resultOf(task, loaders)).output;
  }

  @FieldResolver()
  async resultGone(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<boolean> {
    return (await resultOf(task, loaders)).gone;
  }

  @FieldResolver()
  error(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<TaskError | null> {
    return errorOf(task, loaders);
  }

  @FieldResolver()
  worker(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<WorkerRecord | null> | null {
    return task.workerId === null ? null : loaders.worker.load(task.workerId);
  }

  @FieldResolver()
  async meta(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<JsonObject | null> {
    return (await loadRecord(task, loaders))?.meta ?? null;
  }

  @FieldResolver()
  async uniqueKey(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<string | null> {
    return (await loadRecord(task, loaders))?.uniqueKey ?? null;
  }

  @FieldResolver()
  async idempotencyKey(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<string | null> {
    return (await loadRecord(task, loaders))?.idempotencyKey ?? null;
  }

  @FieldResolver()
  async expiresAt(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<Date | null> {
    return (await loadRecord(task, loaders))?.expiresAt ?? null;
  }

  @FieldResolver()
  async revokedBy(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<string | null> {
    return (await loadRecord(task, loaders))?.revocation?.by ?? null;
  }

  @FieldResolver()
  async revokeReason(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<string | null> {
    return (await loadRecord(task, loaders))?.revocation?.reason ?? null;
  }

  @FieldResolver()
  waitTime(@Root() task: TaskSource): number | null {
    return waitTimeOf(task);
  }

  @FieldResolver()
  runTime(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<number | null> {
    return runTimeOf(task, loaders);
  }

  @FieldResolver()
  async timeLimit(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<number | null> {
    return (await loadRecord(task, loaders))?.timeLimitMs ?? null;
  }

  @FieldResolver()
  async softTimeLimit(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<number | null> {
    return (await loadRecord(task, loaders))?.options?.softTimeLimitMs ?? null;
  }

  @FieldResolver()
  attempts(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<TaskAttempt[]> {
    return attemptsOf(task, loaders);
  }

  @FieldResolver()
  async parent(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<TaskRecord | null> {
    const parentId = (await loadRecord(task, loaders))?.parentId ?? null;
    return parentId === null ? null : loaders.task.load(parentId);
  }

  @FieldResolver()
  async retryOf(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<TaskRecord | null> {
    const retryOf = (await loadRecord(task, loaders))?.retryOf ?? null;
    return retryOf === null ? null : loaders.task.load(retryOf);
  }

  @FieldResolver()
  schedule(
    @Root() { scheduleId }: TaskSource,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ScheduleRecord | null> | null {
    return scheduleId === null ? null : loaders.schedule.load(scheduleId);
  }

  @FieldResolver()
  async slot(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<Date | null> {
    if (task.scheduleId === null) return null;
    return (await loadRecord(task, loaders))?.slot ?? null;
  }

  @FieldResolver()
  async createdBy(@Root() task: TaskSource, @Ctx() { loaders }: GraphqlContext): Promise<string | null> {
    return (await loadRecord(task, loaders))?.createdBy ?? null;
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
}
