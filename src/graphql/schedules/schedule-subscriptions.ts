import { Arg, Resolver, Root, Subscription } from "type-graphql";
import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { Cursor } from "../../events/event-stream.ts";
import type { GraphqlContext, ApiServices } from "../context.ts";
import { ScheduleStream } from "./schedule-type.ts";
import { DELIVERY_DESCRIPTION, readDelivery, StreamDeliveryInput } from "../streams/delivery-input.ts";
import { MessageStream, opening, type Step } from "../streams/message-stream.ts";
import { openFeed, type ScheduleMessage, type ScheduleUpdate, toNotice } from "../streams/stream-messages.ts";

/** Maximum number of known schedules that are sent first. */
const MOST_KNOWN = 1_000;

interface SchedulesArguments {
  readonly after?: string | null;
  readonly delivery?: StreamDeliveryInput | null;
}

@Resolver()
export class ScheduleSubscriptions {
  @Subscription(() => ScheduleStream, {
    description:
      "Sends the known schedules (the first 1,000 by name), then changes, created tasks and skipped slots.",
    subscribe: opening(watchSchedules),
  })
  schedules(
    @Root() message: ScheduleMessage,
    @Arg("after", () => String, {
      nullable: true,
      description: "Sends only events after this cursor, without the known schedules first.",
    })
    _after: string | null | undefined,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): ScheduleMessage {
    return message;
  }
}

async function watchSchedules(
  { after, delivery: requested }: SchedulesArguments,
  { services }: GraphqlContext,
): Promise<MessageStream<FeedItem, ScheduleMessage>> {
  const delivery = readDelivery(requested);
  const translate = (item: FeedItem): Step<ScheduleMessage> | Promise<Step<ScheduleMessage>> =>
    toStep(item, services);
  const open = (cursor: Cursor): AsyncIterator<FeedItem> =>
    openFeed(services.feed, { after: cursor, accept: (event) => event.kind === "schedule", delivery });
  if (typeof after === "string") return new MessageStream(open(after), translate);
  // The head is read before the schedules, so that events between the two reads are replayed.
  const head = await services.feed.head();
  const first = await everySchedule(services, head);
  return new MessageStream(open(head), translate, first);
}

async function toStep(item: FeedItem, services: ApiServices): Promise<Step<ScheduleMessage>> {
  if (item.type === "event") {
    const { cursor, event, merged } = item;
    if (event.kind !== "schedule") return { messages: [] };
    const { type, at, schedule } = event;
    return { messages: [{ __typename: "ScheduleUpdate", cursor, at, type, schedule, event, merged }] };
  }
  // Changes are missing after a reset, so all schedules are sent again.
  const known = item.type === "reset" ? await everySchedule(services, item.cursor) : [];
  return { messages: [toNotice(item), ...known] };
}

async function everySchedule(
  { scheduleStore, clock }: ApiServices,
  cursor: Cursor,
): Promise<ScheduleUpdate[]> {
  const known = await scheduleStore.page({}, MOST_KNOWN);
  const at = clock.now();
  const [__typename, type] = ["ScheduleUpdate", "UPDATED"] as const;
  return known.map((schedule) => ({ __typename, cursor, at, type, schedule, merged: 0 }));
}
