import { Arg, ID, Int, Resolver, Root, Subscription } from "type-graphql";
import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { eventFilter } from "./event-filter.ts";
import { TaskFilterInput } from "./filter-input.ts";
import { requireUuid } from "../require-uuid.ts";
import { readFilter } from "./task-filter.ts";
import { TaskStream } from "../streams/stream-types.ts";
import { MessageStream, type Step } from "../streams/message-stream.ts";
import { openFeed, type TaskMessage, toNotice } from "../streams/stream-messages.ts";
import { opening } from "../streams/opening.ts";
import { watchTask } from "./task-watch.ts";

const MAX_RATE = 1_000;
const AFTER =
  "Only what happened after this cursor: replays what was missed, then goes on live, with no gap and no double.";

interface TaskArguments {
  readonly id: string;
  readonly after?: string | null;
}

interface TasksArguments {
  readonly filter?: TaskFilterInput | null;
  readonly after?: string | null;
  readonly maxRate: number;
}

@Resolver()
export class TaskSubscriptions {
  @Subscription(() => TaskStream, {
    description: "One task. First the state now, then every change; completes after a final state.",
    subscribe: opening(({ id, after }: TaskArguments, { services }) => {
      requireUuid("id", id);
      return watchTask(services, id, after ?? null);
    }),
  })
  task(
    @Root() message: TaskMessage,
    @Arg("id", () => ID, { description: "UUID of the task." }) _id: string,
    @Arg("after", () => String, { nullable: true, description: AFTER }) _after: string | null | undefined,
  ): TaskMessage {
    return message;
  }

  @Subscription(() => TaskStream, {
    description:
      "All tasks that the filter lets through, from now on: events whose task fits it right after them.",
    subscribe: opening(watchTasks),
  })
  tasks(
    @Root() message: TaskMessage,
    @Arg("filter", () => TaskFilterInput, {
      nullable: true,
      description:
        "Which events. Events do not carry what `fingerprint`, `uniqueKey`, `search` and `argsContain` ask for.",
    })
    _filter: TaskFilterInput | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) _after: string | null | undefined,
    @Arg("maxRate", () => Int, {
      defaultValue: 10,
      description: "Above this many a second, events of one task are merged. 1 to 1000.",
    })
    _maxRate: number,
  ): TaskMessage {
    return message;
  }
}

function watchTasks(
  { filter, after, maxRate }: TasksArguments,
  { services }: GraphqlContext,
): MessageStream<FeedItem, TaskMessage> {
  if (maxRate < 1 || maxRate > MAX_RATE)
    throw badUserInput(`maxRate must be 1..${MAX_RATE}, got ${maxRate}.`);
  const wanted = readFilter(filter, ["filter"]);
  const fits = eventFilter(wanted);
  const items = openFeed(services.feed, {
    accept: (event) => event.kind === "task" && fits(event.task),
    maxRate,
    ...(wanted.ids === undefined ? {} : { ids: wanted.ids }),
    // Who has a cursor already needs none to begin with.
    ...(typeof after === "string" ? { after } : { greet: true }),
  });
  return new MessageStream(items, toStep);
}

function toStep(item: FeedItem): Step<TaskMessage> {
  if (item.type !== "event") return { messages: [toNotice(item)] };
  const { cursor, event } = item;
  if (event.kind !== "task") return { messages: [] };
  const { at, type, task, emitted } = event;
  return { messages: [{ __typename: "TaskUpdate", cursor, at, type, task, emitted, event }] };
}
