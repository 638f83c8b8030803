import { Field, InputType } from "type-graphql";
import { type Delivery, DELIVERY_MODES } from "../../engine/events/event-subscription.ts";
import { SECOND } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { enumOf } from "../enum-of.ts";
import { badUserInput } from "../errors.ts";
import { DurationScalar } from "../scalars.ts";

const MIN_EVERY = 200;
/** Below the time of heartbeats, which are not sent while events wait. */
const MAX_EVERY = 10 * SECOND;

const DeliveryModeEnum = enumOf(DELIVERY_MODES, {
  name: "StreamDeliveryMode",
  description: "The events of one object that a subscription sends.",
  values: {
    ALL: "Every event. Only a reader that is too slow misses some, and receives StreamLag.",
    LATEST:
      "Of the events that wait, only the newest of each object. Its `merged` counts the others. Events of `ctx.emit` are never merged.",
  },
});

@InputType("StreamDelivery", { description: "The events of a subscription that the client wants." })
export class StreamDeliveryInput {
  @Field(() => DeliveryModeEnum, { description: "The events of one object that are sent." })
  readonly mode!: Delivery["mode"];
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "With LATEST: time between two deliveries, PT0.2S to PT10S. Without it, events are merged only while the reader is busy.",
  })
  readonly every?: number | null;
}

export const DELIVERY_DESCRIPTION = "The events that are sent. Defaults to mode ALL: every event.";
export const MERGED_DESCRIPTION =
  "Number of earlier events of the same object that this one replaces, because of `delivery` or `maxRate`.";

/**
 * Reads the delivery of a subscription.
 * @throws GraphQLError (BAD_USER_INPUT)
 */
export function readDelivery(input: StreamDeliveryInput | null | undefined): Delivery {
  if (!input) return { mode: "ALL" };
  const { mode, every } = input;
  if (every === null || every === undefined) return { mode };
  if (mode !== "LATEST")
    throw badUserInput(
      `delivery.every: expected none with mode ${mode}, got ${formatDuration(every)}. Use mode LATEST.`,
    );
  if (every >= MIN_EVERY && every <= MAX_EVERY) return { mode, everyMs: every };
  const [min, max, got] = [MIN_EVERY, MAX_EVERY, every].map(formatDuration);
  throw badUserInput(`delivery.every: expected ${min} to ${max}, got ${got}.`);
}
