import { Arg, Resolver, Root, Subscription } from "type-graphql";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { QueueRecord } from "../../store/queue-store.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { DurationScalar } from "../scalars.ts";
import { QueueType } from "../types/queue-type.ts";
import { opening } from "./opening.ts";

const MIN_INTERVAL = 200;
const MAX_INTERVAL = MINUTE;
/** Intervals are rounded up to steps, so that many subscribers share few reads. */
const STEP = 100;

interface QueuesArguments {
  readonly interval: number;
}

@Resolver()
export class QueueSubscriptions {
  @Subscription(() => [QueueType], {
    description: "All queues, now and then every `interval`.",
    subscribe: opening(watchQueues),
  })
  queues(
    @Root() queues: readonly QueueRecord[],
    @Arg("interval", () => DurationScalar, {
      defaultValue: SECOND,
      description: "Pause between two lists, PT0.2S to PT1M.",
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
  if (interval < MIN_INTERVAL || interval > MAX_INTERVAL) {
    const [min, max, got] = [MIN_INTERVAL, MAX_INTERVAL, interval].map(formatDuration);
    throw badUserInput(`interval must be ${min}..${max}, got ${got}.`);
  }
  return queueWatch.watch(Math.ceil(interval / STEP) * STEP);
}
