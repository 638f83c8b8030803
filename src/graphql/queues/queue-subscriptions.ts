import { Arg, Resolver, Root, Subscription } from "type-graphql";
import { SECOND } from "../../lib/clock.ts";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import type { GraphqlContext } from "../context.ts";
import { DurationScalar } from "../scalars.ts";
import { QueueType } from "./queue-type.ts";
import { opening } from "../streams/message-stream.ts";
import { pollInterval } from "../streams/polled-value.ts";

interface QueuesArguments {
  readonly interval: number;
}

@Resolver()
export class QueueSubscriptions {
  @Subscription(() => [QueueType], {
    description: "Sends the list of queues now, and again after every `interval`.",
    subscribe: opening(watchQueues),
  })
  queues(
    @Root() queues: readonly QueueRecord[],
    @Arg("interval", () => DurationScalar, {
      defaultValue: SECOND,
      description: "Time between two messages, PT0.2S to PT1M.",
    })
    _interval: number,
  ): readonly QueueRecord[] {
    return queues;
  }
}

function watchQueues(
  { interval }: QueuesArguments,
  { queueWatch }: GraphqlContext,
): AsyncIterable<readonly QueueRecord[]> {
  return queueWatch.watch(pollInterval(interval));
}
