import { Field, Float, InputType } from "type-graphql";
import type { SolarEvent, Timing } from "../../task/timing/timing.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { SolarEventEnum } from "./timing-type.ts";

@InputType("IntervalInput", { description: "A timing at equal intervals." })
export class IntervalInput {
  @Field(() => DurationScalar, { description: "The interval: at least one second." })
  readonly every!: number;
}

@InputType("SolarInput", {
  description: "A timing by the sun's position at a place. Days without the event are skipped.",
})
export class SolarInput {
  @Field(() => SolarEventEnum, { description: "The solar event." })
  readonly event!: SolarEvent;
  @Field(() => Float, { description: "Latitude in degrees, -90 to 90. North is positive." })
  readonly latitude!: number;
  @Field(() => Float, { description: "Longitude in degrees, -180 to 180. East is positive." })
  readonly longitude!: number;
}

@InputType("TimingInput", { description: "The timing of a schedule. Exactly one field must be given." })
export class TimingInput {
  @Field(() => IntervalInput, {
    nullable: true,
    description: "Equal intervals, independent of clock changes.",
  })
  readonly interval?: IntervalInput;
  @Field(() => String, {
    nullable: true,
    description:
      "Crontab expression: minute, hour, day of month, month, day of week, with seconds first if there are six fields: `30 9 * * MON-FRI`, `0 0 L * *`. Or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.",
  })
  readonly crontab?: string;
  @Field(() => DateTimeScalar, { nullable: true, description: "A single time." })
  readonly clocked?: Date;
  @Field(() => SolarInput, { nullable: true, description: "A solar event." })
  readonly solar?: SolarInput;
}

/** Returns the timing of the one given field. `@oneOf` ensures that there is exactly one. */
export function toTiming({ interval, crontab, clocked, solar }: TimingInput): Timing {
  if (interval) return { kind: "interval", everyMs: interval.every };
  if (clocked) return { kind: "clocked", at: clocked };
  if (solar) {
    const { event, latitude, longitude } = solar;
    return { kind: "solar", event, latitude, longitude };
  }
  return { kind: "crontab", expression: crontab! };
}
