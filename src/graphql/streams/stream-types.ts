import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { TaskEventType, WorkerChange } from "../../task/records/event.ts";
import type { Json } from "../../lib/json.ts";
import { DateTimeScalar, JsonScalar } from "../scalars.ts";
import { TaskEventTypeEnum, WorkerChangeEnum } from "../enums.ts";
import { TaskType } from "../tasks/task-type.ts";
import { WorkerType } from "../workers/worker-type.ts";

export const CURSOR = "Go on from here with `after`.";

@ObjectType("TaskEmission", { simpleResolvers: true, description: "What a running task told by `ctx.emit`." })
class TaskEmissionType {
  @Field(() => String, { description: "Its kind, as the task names it." })
  readonly type!: string;
  @Field(() => JsonScalar, { nullable: true, description: "What the task says of it." })
  readonly payload!: Json;
}

@ObjectType("TaskUpdate", {
  simpleResolvers: true,
  description:
    "Something happened to a task, and is stored; or the task told something itself, by `ctx.emit`.",
})
class TaskUpdateType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "When it happened." })
  readonly at!: Date;
  @Field(() => TaskEventTypeEnum, {
    description: "What happened; for a task's first message, what its state says.",
  })
  readonly type!: TaskEventType;
  @Field(() => TaskType, { description: "The task right after it." })
  readonly task!: TaskType;
  @Field(() => TaskEmissionType, {
    nullable: true,
    description: "What the task told, where `type` is EMITTED.",
  })
  readonly emitted!: TaskEmissionType | null;
}

@ObjectType("WorkerUpdate", { simpleResolvers: true, description: "News of a worker." })
class WorkerUpdateType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => WorkerChangeEnum, { description: "What happened; for a worker's first message, its status." })
  readonly change!: WorkerChange;
  @Field(() => WorkerType, { description: "The worker right after it." })
  readonly worker!: WorkerType;
}

@ObjectType("StreamReset", {
  simpleResolvers: true,
  description: "`after` is too old: read the state again, then go on from this cursor.",
})
export class StreamResetType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => String, { description: "Why events are missing." })
  readonly reason!: string;
}

@ObjectType("StreamLag", {
  simpleResolvers: true,
  description: "A slow consumer: so many events were merged or dropped.",
})
export class StreamLagType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => Int, { description: "Events that were not sent one by one." })
  readonly skipped!: number;
}

@ObjectType("StreamHeartbeat", {
  simpleResolvers: true,
  description: "Every 15 s when nothing else was sent; carries the newest cursor.",
})
export class StreamHeartbeatType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "When it was sent." })
  readonly at!: Date;
}

/** Messages are plain objects that name their own type. */
export const resolveType = (message: object): string =>
  (message as { readonly __typename: string }).__typename;

export const TaskStream = createUnionType({
  name: "TaskStream",
  description: "What a subscription to tasks sends.",
  types: () => [TaskUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});

export const WorkerStream = createUnionType({
  name: "WorkerStream",
  description: "What a subscription to workers sends.",
  types: () => [WorkerUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
