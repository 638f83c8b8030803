import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import { LIST_CHANGES, type ListChange } from "../../engine/lists/list-subscription.ts";
import { enumOf } from "../enum-of.ts";
import { MERGED_DESCRIPTION } from "../streams/delivery-input.ts";
import {
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamMessageType,
  StreamResetType,
} from "../streams/stream-types.ts";
import { TaskType } from "../tasks/task-type.ts";

const ListChangeEnum = enumOf(LIST_CHANGES, {
  name: "ListChangeType",
  description: "The kind of a change of a live list.",
  values: {
    INSERTED: "The task is now in the list: it is new, matches now, or takes the place of a removed one.",
    UPDATED: "The task in the list has changed.",
    REMOVED:
      "The task is no longer in the list: it was deleted, does not match anymore, or newer tasks fill the list.",
  },
});

@ObjectType("TaskListSnapshot", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "The whole list. It replaces what was sent before.",
})
class TaskListSnapshotType extends StreamMessageType {
  @Field(() => [TaskType], { description: "The tasks, newest first: by ID, descending." })
  readonly tasks!: readonly TaskType[];
  @Field(() => Boolean, { description: "Whether more tasks match the filter than the list contains." })
  readonly hasMore!: boolean;
}

@ObjectType("TaskListUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "A change of the list.",
})
class TaskListUpdateType extends StreamMessageType {
  @Field(() => ListChangeEnum, { description: "The kind of change." })
  readonly type!: ListChange["type"];
  @Field(() => TaskType, {
    description: "The task after the change. A removed task may be deleted; it is then as it was last seen.",
  })
  readonly task!: TaskType;
  @Field(() => Int, { description: MERGED_DESCRIPTION })
  readonly merged!: number;
}

export const TaskListStream = createUnionType({
  name: "TaskListStream",
  description: "A message of the `taskList` subscription.",
  types: () =>
    [TaskListSnapshotType, TaskListUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
