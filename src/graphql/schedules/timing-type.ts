import { createUnionType, Field, Float, ObjectType } from "type-graphql";
import { SOLAR_EVENTS, type SolarEvent, type Timing } from "../../task/timing/timing.ts";
import { LANGUAGES } from "../../task/timing/words.ts";
import { enumOf } from "../enum-of.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { UserErrorType } from "../user-error.ts";

export const SolarEventEnum = enumOf(SOLAR_EVENTS, {
  name: "SolarEvent",
  description:
    "An event of the sun that happens once on most days. Dawn and dusk are defined by the angle of the sun below the horizon.",
  values: {
    DAWN_ASTRONOMICAL: "The rising sun is 18 degrees below the horizon: the end of the night.",
    DAWN_NAUTICAL: "The rising sun is 12 degrees below the horizon.",
    DAWN_CIVIL: "The rising sun is 6 degrees below the horizon.",
    SUNRISE: "The upper edge of the sun appears.",
    SOLAR_NOON: "The sun is at its highest.",
    SUNSET: "The upper edge of the sun disappears.",
    DUSK_CIVIL: "The setting sun is 6 degrees below the horizon.",
    DUSK_NAUTICAL: "The setting sun is 12 degrees below the horizon.",
    DUSK_ASTRONOMICAL: "The setting sun is 18 degrees below the horizon: the start of the night.",
  },
});

export const LanguageEnum = enumOf(LANGUAGES, {
  name: "Language",
  description: "The language of strings for people.",
  values: { EN: "English.", ZH_CN: "Simplified Chinese." },
});

@ObjectType("IntervalTiming", { description: "A timing at equal intervals." })
export class IntervalTimingType {
  @Field(() => DurationScalar, { description: "The interval." })
  readonly every!: number;
}

@ObjectType("CrontabTiming", { simpleResolvers: true, description: "A timing by the calendar." })
class CrontabTimingType {
  @Field(() => String, {
    description: "Crontab expression: five fields, six with seconds first, or a nickname such as `@daily`.",
  })
  readonly expression!: string;
}

@ObjectType("ClockedTiming", { simpleResolvers: true, description: "A timing at a single time." })
class ClockedTimingType {
  @Field(() => DateTimeScalar, { description: "The time." })
  readonly at!: Date;
}

@ObjectType("SolarTiming", {
  simpleResolvers: true,
  description: "A timing by the sun's position at a place.",
})
class SolarTimingType {
  @Field(() => SolarEventEnum, { description: "The solar event." })
  readonly event!: SolarEvent;
  @Field(() => Float, { description: "Latitude in degrees. North is positive." })
  readonly latitude!: number;
  @Field(() => Float, { description: "Longitude in degrees. East is positive." })
  readonly longitude!: number;
}

const TIMING_TYPES = {
  interval: "IntervalTiming",
  crontab: "CrontabTiming",
  clocked: "ClockedTiming",
  solar: "SolarTiming",
} as const satisfies Record<Timing["kind"], string>;

export const TimingUnion = createUnionType({
  name: "Timing",
  description: "The timing of a schedule.",
  types: () => [IntervalTimingType, CrontabTimingType, ClockedTimingType, SolarTimingType] as const,
  resolveType: (timing: object) => TIMING_TYPES[(timing as Timing).kind],
});

@ObjectType("TimingPreview", { simpleResolvers: true, description: "The preview of a timing." })
export class TimingPreviewType {
  @Field(() => String, {
    nullable: true,
    description: "The timing in plain words. Null if the timing is invalid.",
  })
  readonly summary!: string | null;
  @Field(() => [DateTimeScalar], {
    description: "The next due times. Fewer than requested if the timing ends.",
  })
  readonly nextRuns!: readonly Date[];
  @Field(() => [String], {
    description: "Clock changes within a year that affect the timing, each with its effect on the runs.",
  })
  readonly warnings!: readonly string[];
  @Field(() => [UserErrorType], { description: "Errors of the timing. Empty if it is valid." })
  readonly errors!: readonly UserErrorType[];
}
