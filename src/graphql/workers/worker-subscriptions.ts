import { Arg, Resolver, Root, Subscription } from "type-graphql";
import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { Cursor } from "../../events/event-stream.ts";
import type { GraphqlContext, ApiServices } from "../context.ts";
import { WorkerStream } from "./worker-type.ts";
import { DELIVERY_DESCRIPTION, readDelivery, StreamDeliveryInput } from "../streams/delivery-input.ts";
import { MessageStream, opening, type Step } from "../streams/message-stream.ts";
import { openFeed, toNotice, type WorkerMessage, type WorkerUpdate } from "../streams/stream-messages.ts";

interface WorkersArguments {
  readonly after?: string | null;
  readonly delivery?: StreamDeliveryInput | null;
}

@Resolver()
export class WorkerSubscriptions {
  @Subscription(() => WorkerStream, {
    description: "Sends every known worker, then changes and heartbeats.",
    subscribe: opening(watchWorkers),
  })
  workers(
    @Root() message: WorkerMessage,
    @Arg("after", () => String, {
      nullable: true,
      description: "Sends only events after this cursor, without the known workers first.",
    })
    _after: string | null | undefined,
    @Arg("delivery", () => StreamDeliveryInput, { nullable: true, description: DELIVERY_DESCRIPTION })
    _delivery: StreamDeliveryInput | null | undefined,
  ): WorkerMessage {
    return message;
  }
}

async function watchWorkers(
  { after, delivery: requested }: WorkersArguments,
  { services }: GraphqlContext,
): Promise<MessageStream<FeedItem, WorkerMessage>> {
  const delivery = readDelivery(requested);
  const translate = (item: FeedItem): Step<WorkerMessage> | Promise<Step<WorkerMessage>> =>
    toStep(item, services);
  const open = (cursor: Cursor): AsyncIterator<FeedItem> =>
    openFeed(services.feed, { after: cursor, accept: (event) => event.kind === "worker", delivery });
  if (typeof after === "string") return new MessageStream(open(after), translate);
  // The head is read before the workers, so that events between the two reads are replayed.
  const head = await services.feed.head();
  const first = await everyWorker(services, head);
  return new MessageStream(open(head), translate, first);
}

async function toStep(item: FeedItem, services: ApiServices): Promise<Step<WorkerMessage>> {
  if (item.type === "event") {
    const { cursor, event, merged } = item;
    if (event.kind !== "worker") return { messages: [] };
    const { type, worker } = event;
    return { messages: [{ __typename: "WorkerUpdate", cursor, type, worker, event, merged }] };
  }
  // Changes are missing after a reset, so all workers are sent again.
  const known = item.type === "reset" ? await everyWorker(services, item.cursor) : [];
  return { messages: [toNotice(item), ...known] };
}

async function everyWorker({ workers }: ApiServices, cursor: Cursor): Promise<WorkerUpdate[]> {
  const known = await workers.list();
  return known.map((worker) => ({
    __typename: "WorkerUpdate",
    cursor,
    type: worker.status,
    worker,
    merged: 0,
  }));
}
