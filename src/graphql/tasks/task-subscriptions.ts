import { Arg, ID, Int, Resolver, Root, Subscription } from "type-graphql";
import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { GraphqlContext } from "../context.ts";
import { eventFilter } from "./event-filter.ts";
import { TaskFilterInput } from "./filter-input.ts";
import { requireRange, readUuid } from "../arguments.ts";
import { readFilter } from "./task-filter.ts";
import { TaskStream } from "./task-stream-type.ts";
import { DELIVERY_DESCRIPTION, readDelivery, StreamDeliveryInput } from "../streams/delivery-input.ts";
import { MessageStream, opening, type Step } from "../streams/message-stream.ts";
import { openFeed, type TaskMessage, toNotice } from "../streams/stream-messages.ts";
import { watchTask } from "./task-watch.ts";

const MAX_RATE = 1_000;
const AFTER = "Replays the events after this cursor, then sends live events, without gaps or duplicates.";

interface TaskArguments {
  readonly id: string;
  readonly after?: string | null;
  readonly delivery?: StreamDeliveryInput | null;
}

interface TasksArguments {
  readonly filter?: TaskFilterInput | null;
  readonly after?: string | null;
  readonly maxRate: number;
  readonly delivery?: StreamDeliveryInput | null;
}

@Resolver()
export class TaskSubscriptions {
  @Subscription(() => TaskStream, {
    description: "Sends the state of one task now, then every change. Completes after a final state.",
    subscribe: opening(({ id, after, delivery }: TaskArguments, { services }) => {
      return watchTask(services, readUuid("id", id), {
        after: after ?? null,
        delivery: readDelivery(delivery),
      });
    }),
  })
  task(
    @Root() message: TaskMessage,
    @Arg("id", () => ID, { description: "The task's UUID." }) _id: string,
    @Arg("after", () => String, { nullable: true, description: AFTER }) _after: string | null | undefined,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): TaskMessage {
    return message;
  }

  @Subscription(() => TaskStream, {
    description:
      "Sends events of all tasks that match the filter, from now on. The filter applies to the task after the event.",
    subscribe: opening(watchTasks),
  })
  tasks(
    @Root() message: TaskMessage,
    @Arg("filter", () => TaskFilterInput, {
      nullable: true,
      description:
        "Conditions that the tasks must meet. `fingerprint`, `uniqueKey`, `search` and `argsContain` cannot be used, because events do not carry these values.",
    })
    _filter: TaskFilterInput | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) _after: string | null | undefined,
    @Arg("maxRate", () => Int, {
      defaultValue: 10,
      description:
        "Maximum number of messages per second, 1 to 1000. Above it, events of one task are merged.",
    })
    _maxRate: number,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): TaskMessage {
    return message;
  }
}

function watchTasks(
  { filter, after, maxRate, delivery }: TasksArguments,
  { services }: GraphqlContext,
): MessageStream<FeedItem, TaskMessage> {
  requireRange("maxRate", maxRate, MAX_RATE);
  const wanted = readFilter(filter, ["filter"]);
  const fits = eventFilter(wanted);
  const items = openFeed(services.feed, {
    accept: (event) => event.kind === "task" && fits(event.task),
    maxRate,
    delivery: readDelivery(delivery),
    ...(wanted.ids === undefined ? {} : { ids: wanted.ids }),
    // A caller with a cursor needs no initial one.
    ...(typeof after === "string" ? { after } : { greet: true }),
  });
  return new MessageStream(items, toStep);
}

function toStep(item: FeedItem): Step<TaskMessage> {
  if (item.type !== "event") return { messages: [toNotice(item)] };
  const { cursor, event, merged } = item;
  if (event.kind !== "task") return { messages: [] };
  const { at, type, task, emitted } = event;
  return { messages: [{ __typename: "TaskUpdate", cursor, at, type, task, emitted, event, merged }] };
}
