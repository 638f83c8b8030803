import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { Json } from "../../lib/json/json.ts";
import { TASK_EVENT_TYPES, type TaskEventType } from "../../task/records/event.ts";
import { enumOf } from "../enum-of.ts";
import { DateTimeScalar, JsonScalar } from "../scalars.ts";
import { MERGED_DESCRIPTION } from "../streams/delivery-input.ts";
import {
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamMessageType,
  StreamResetType,
} from "../streams/stream-types.ts";
import { TaskType } from "./task-type.ts";

const TaskEventTypeEnum = enumOf(TASK_EVENT_TYPES, {
  name: "TaskEventType",
  description: "The kind of a task's event.",
  values: {
    ENQUEUED: "The task was accepted and stored.",
    QUEUED: "The task became ready for a worker.",
    STARTED: "A worker started an attempt.",
    PROGRESS: "The task reported its progress.",
    EMITTED: "The task sent an event with `ctx.emit`: see `emitted`.",
    RETRYING: "An attempt failed, or the task snoozed. The task will run again at `runAt`.",
    SUCCEEDED: "The task succeeded.",
    FAILED: "The task failed for good.",
    REVOKED: "The task was cancelled.",
    EXPIRED: "The task was not started in time.",
    GIVEN_BACK: "The task's worker left or died, and the task was queued again.",
  },
});

@ObjectType("TaskEmission", {
  simpleResolvers: true,
  description: "An event that a running task sent with `ctx.emit`.",
})
class TaskEmissionType {
  @Field(() => String, { description: "The kind of event, as the task named it." })
  readonly type!: string;
  @Field(() => JsonScalar, { nullable: true, description: "The event's data, as the task gave it." })
  readonly payload!: Json;
}

@ObjectType("TaskUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "A stored event of a task, or an event that the task sent with `ctx.emit`.",
})
class TaskUpdateType extends StreamMessageType {
  @Field(() => DateTimeScalar, { description: "Time of the event." })
  readonly at!: Date;
  @Field(() => TaskEventTypeEnum, {
    description: "The kind of event. For the first message of a task, it follows from the task's state.",
  })
  readonly type!: TaskEventType;
  @Field(() => TaskType, { description: "The task after the event." })
  readonly task!: TaskType;
  @Field(() => TaskEmissionType, {
    nullable: true,
    description: "The event that the task sent, if `type` is EMITTED.",
  })
  readonly emitted!: TaskEmissionType | null;
  @Field(() => Int, { description: MERGED_DESCRIPTION })
  readonly merged!: number;
}

export const TaskStream = createUnionType({
  name: "TaskStream",
  description: "A message of the `task` and `tasks` subscriptions.",
  types: () => [TaskUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
