import { Field, Float, InputType } from "type-graphql";
import type { SolarEvent, Timing } from "../../task/timing/timing.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { SolarEventEnum } from "../enums.ts";

@InputType("IntervalInput", { description: "Again and again, so far apart." })
export class IntervalInput {
  @Field(() => DurationScalar, { description: "How far apart; at least one second." })
  readonly every!: number;
}

@InputType("SolarInput", {
  description: "When the sun does something at a place. A day on which it does not is left out.",
})
export class SolarInput {
  @Field(() => SolarEventEnum, { description: "What it does." })
  readonly event!: SolarEvent;
  @Field(() => Float, { description: "Degrees, north is positive: -90 to 90." })
  readonly latitude!: number;
  @Field(() => Float, { description: "Degrees, east is positive: -180 to 180." })
  readonly longitude!: number;
}

@InputType("TimingInput", { description: "When a schedule is due. Exactly one of these." })
export class TimingInput {
  @Field(() => IntervalInput, {
    nullable: true,
    description: "At equal distances, whatever the clocks show.",
  })
  readonly interval?: IntervalInput;
  @Field(() => String, {
    nullable: true,
    description:
      "Minute, hour, day of month, month, day of week, with seconds in front where there are six: `30 9 * * MON-FRI`, `0 0 L * *`. Or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.",
  })
  readonly crontab?: string;
  @Field(() => DateTimeScalar, { nullable: true, description: "Once, at this time." })
  readonly clocked?: Date;
  @Field(() => SolarInput, { nullable: true, description: "By the sun." })
  readonly solar?: SolarInput;
}

/** The one of its fields that was given, as the GraphQL layer has made sure of. */
export function toTiming({ interval, crontab, clocked, solar }: TimingInput): Timing {
  if (interval) return { kind: "interval", everyMs: interval.every };
  if (clocked) return { kind: "clocked", at: clocked };
  if (solar) {
    const { event, latitude, longitude } = solar;
    return { kind: "solar", event, latitude, longitude };
  }
  return { kind: "crontab", expression: crontab! };
}
