import { Arg, Resolver, Root, Subscription } from "type-graphql";
import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { GraphqlContext } from "../context.ts";
import { ControlStream } from "./control-types.ts";
import { MessageStream, opening, type Step } from "../streams/message-stream.ts";
import { type ControlMessage, openFeed, toNotice } from "../streams/stream-messages.ts";

interface ControlArguments {
  readonly after?: string | null;
}

@Resolver()
export class ControlSubscriptions {
  @Subscription(() => ControlStream, {
    description: "Sends each new command to workers and task definitions. `controlLog` lists earlier ones.",
    subscribe: opening(watchCommands),
  })
  controlEvents(
    @Root() message: ControlMessage,
    @Arg("after", () => String, { nullable: true, description: "Sends only commands after this cursor." })
    _after: string | null | undefined,
  ): ControlMessage {
    return message;
  }
}

function watchCommands(
  { after }: ControlArguments,
  { services }: GraphqlContext,
): MessageStream<FeedItem, ControlMessage> {
  const source = openFeed(services.feed, {
    accept: (event) => event.kind === "control",
    greet: true,
    ...(typeof after === "string" ? { after } : {}),
  });
  return new MessageStream(source, toStep);
}

function toStep(item: FeedItem): Step<ControlMessage> {
  if (item.type !== "event") return { messages: [toNotice(item)] };
  const { cursor, event } = item;
  if (event.kind !== "control") return { messages: [] };
  return { messages: [{ __typename: "ControlUpdate", cursor, entry: event.entry, event }] };
}
