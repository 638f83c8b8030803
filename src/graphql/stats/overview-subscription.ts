import { Arg, Resolver, Root, Subscription } from "type-graphql";
import { SECOND } from "../../lib/clock.ts";
import type { Overview } from "../../task/records/stats.ts";
import type { GraphqlContext } from "../context.ts";
import { DurationScalar } from "../scalars.ts";
import { OverviewType } from "./stats-type.ts";
import { opening } from "../streams/message-stream.ts";
import { pollInterval } from "../streams/polled-value.ts";

interface OverviewArguments {
  readonly interval: number;
}

@Resolver()
export class OverviewSubscription {
  @Subscription(() => OverviewType, {
    description: "Sends the overview now, and again after every `interval`.",
    subscribe: opening(watchOverview),
  })
  overview(
    @Root() overview: Overview,
    @Arg("interval", () => DurationScalar, {
      defaultValue: SECOND,
      description: "Time between two messages, PT0.2S to PT1M.",
    })
    _interval: number,
  ): Overview {
    return overview;
  }
}

function watchOverview(
  { interval }: OverviewArguments,
  { overviewWatch }: GraphqlContext,
): AsyncIterable<Overview> {
  return overviewWatch.watch(pollInterval(interval));
}
