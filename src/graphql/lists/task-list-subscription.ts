import { GraphQLError } from "graphql";
import { Arg, Int, Resolver, Root, Subscription } from "type-graphql";
import type { ListChange, ListItem } from "../../engine/lists/list-subscription.ts";
import { MAX_LISTED } from "../../engine/lists/live-list.ts";
import { MAX_LISTS, TooManyLists } from "../../engine/lists/live-lists.ts";
import type { Cursor } from "../../events/event-stream.ts";
import { requireRange } from "../arguments.ts";
import type { GraphqlContext } from "../context.ts";
import { DELIVERY_DESCRIPTION, readDelivery, StreamDeliveryInput } from "../streams/delivery-input.ts";
import { MessageStream, opening } from "../streams/message-stream.ts";
import {
  type MergeableUpdate,
  type StreamNotice,
  toNotice,
  type Update,
} from "../streams/stream-messages.ts";
import { eventFilter } from "../tasks/event-filter.ts";
import { TaskFilterInput } from "../tasks/filter-input.ts";
import { readFilter } from "../tasks/task-filter.ts";
import type { TaskSource } from "../tasks/task-view.ts";
import { TaskListStream } from "./task-list-type.ts";

const DEFAULT_SIZE = 50;

interface TaskListSnapshot extends Update {
  readonly __typename: "TaskListSnapshot";
  readonly cursor: Cursor;
  readonly tasks: readonly TaskSource[];
  readonly hasMore: boolean;
}

interface TaskListUpdate extends MergeableUpdate {
  readonly __typename: "TaskListUpdate";
  readonly cursor: Cursor;
  readonly type: ListChange["type"];
  readonly task: TaskSource;
}

type TaskListMessage = TaskListSnapshot | TaskListUpdate | StreamNotice;

interface ListArguments {
  readonly filter?: TaskFilterInput | null;
  readonly first: number;
  readonly delivery?: StreamDeliveryInput | null;
}

@Resolver()
export class TaskListSubscription {
  @Subscription(() => TaskListStream, {
    description:
      "Sends the newest tasks that match the filter, then each change of that list. There is no `after`: a client that connects again receives the list again.",
    subscribe: opening(watchList),
  })
  taskList(
    @Root() message: TaskListMessage,
    @Arg("filter", () => TaskFilterInput, {
      nullable: true,
      description:
        "Conditions that the tasks must meet. Times are fixed: tasks do not leave the list because time passes. `fingerprint`, `uniqueKey`, `search` and `argsContain` cannot be used, because events do not carry these values.",
    })
    _filter: TaskFilterInput | null | undefined,
    @Arg("first", () => Int, {
      defaultValue: DEFAULT_SIZE,
      description: "Maximum number of tasks in the list: 1 to 100, 50 by default.",
    })
    _first: number,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): TaskListMessage {
    return message;
  }
}

async function watchList(
  { filter, first, delivery }: ListArguments,
  { liveLists }: GraphqlContext,
): Promise<MessageStream<ListItem, TaskListMessage>> {
  requireRange("first", first, MAX_LISTED);
  const wanted = readFilter(filter, ["filter"]);
  const query = { filter: wanted, matches: eventFilter(wanted) };
  const items = await liveLists.subscribe(query, first, readDelivery(delivery)).catch((error: unknown) => {
    throw error instanceof TooManyLists ? tooManyLists() : error;
  });
  return new MessageStream(items, (item) => ({ messages: [toMessage(item)] }));
}

function toMessage(item: ListItem): TaskListMessage {
  switch (item.type) {
    case "snapshot": {
      const { snapshot } = item;
      return { __typename: "TaskListSnapshot", ...snapshot, event: snapshot };
    }
    case "change": {
      const { change, merged } = item;
      // Changes of one event have the same cursor, so a merged one has no name to be shared by.
      return { __typename: "TaskListUpdate", ...change, merged, ...(merged === 0 ? { event: change } : {}) };
    }
    default:
      return toNotice(item);
  }
}

function tooManyLists(): GraphQLError {
  const message = `filter: expected at most ${MAX_LISTS} different filters of live lists on this server, got one more. Use a filter that is in use, or the subscription \`tasks\`.`;
  return new GraphQLError(message, { extensions: { code: "SUBSCRIPTION_LIMIT" } });
}
