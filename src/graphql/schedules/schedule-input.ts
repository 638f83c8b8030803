import { Field, ID, InputType, Int } from "type-graphql";
import type { Json } from "../../lib/json/json.ts";
import type { ScheduleFilter } from "../../store/schedules/schedule-store.ts";
import type { ScheduleInput } from "../../task/schedule/schedule-input.ts";
import type { MisfirePolicy, OverlapPolicy, ScheduleSource } from "../../task/schedule/schedule.ts";
import { DateTimeScalar, DurationScalar, JsonScalar, TimeZoneScalar } from "../scalars.ts";
import { MisfirePolicyEnum, OverlapPolicyEnum, ScheduleSourceEnum } from "./schedule-type.ts";
import { EnqueueOptionsInput, toEnqueueOptions } from "../enqueue/enqueue-input.ts";
import { TimingInput, toTiming } from "./timing-input.ts";

const NAME = "Unique name of 1 to 128 visible characters.";
const TASK_NAME = "Name of the task definition.";
const TIMING = "The timing.";
const ZONE = "Time zone of a crontab.";
const ARGS = "Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`.";
const OPTIONS = "Options of the tasks, without `runAt` and `idempotencyKey`.";
const START_AT = "Start of the schedule: no slot is earlier, and intervals are counted from here.";
const MAX_RUNS = "Maximum number of tasks, after which the schedule ends.";
const OVERLAP = "Handling of a slot that comes while a task of the schedule is unfinished.";
const MISFIRE = "Handling of missed slots.";
const JITTER = "Maximum random delay of each task after its slot: up to one day.";

@InputType("CreateScheduleInput", { description: "A schedule to create." })
export class CreateScheduleInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
  @Field(() => String, { description: TASK_NAME })
  readonly taskName!: string;
  @Field(() => TimingInput, { description: TIMING })
  readonly timing!: TimingInput;
  @Field(() => TimeZoneScalar, { nullable: true, description: `${ZONE} Defaults to the server's.` })
  readonly timeZone?: string | null;
  @Field(() => JsonScalar, { nullable: true, description: `${ARGS} Defaults to {}.` })
  readonly args?: Json;
  @Field(() => EnqueueOptionsInput, { nullable: true, description: OPTIONS })
  readonly options?: EnqueueOptionsInput | null;
  @Field(() => String, { nullable: true, description: "A description for people." })
  readonly description?: string | null;
  @Field(() => Boolean, { defaultValue: true, description: "Whether the schedule creates tasks." })
  readonly enabled!: boolean;
  @Field(() => DateTimeScalar, { nullable: true, description: START_AT })
  readonly startAt?: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "End of the schedule: no slot is later." })
  readonly endAt?: Date | null;
  @Field(() => Int, { nullable: true, description: MAX_RUNS })
  readonly maxRuns?: number | null;
  @Field(() => OverlapPolicyEnum, { defaultValue: "ALLOW", description: OVERLAP })
  readonly overlap!: OverlapPolicy;
  @Field(() => MisfirePolicyEnum, { defaultValue: "FIRE_ONCE", description: MISFIRE })
  readonly misfire!: MisfirePolicy;
  @Field(() => DurationScalar, { nullable: true, description: JITTER })
  readonly jitter?: number | null;
}

@InputType("ScheduleBy", { description: "A key of a schedule. Exactly one field must be given." })
export class ScheduleByInput {
  @Field(() => ID, { nullable: true, description: "ID of the schedule." })
  readonly id?: string | null;
  @Field(() => String, { nullable: true, description: "Exact name of the schedule." })
  readonly name?: string | null;
}

@InputType("ScheduleSelection", { description: "A selection of schedules, by IDs or by names." })
export class ScheduleSelectionInput {
  @Field(() => [ID], { nullable: true, description: "IDs of the schedules: 1 to 1,000." })
  readonly ids?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Exact names of the schedules: 1 to 1,000." })
  readonly names?: readonly string[] | null;
}

const SELECT = "The schedules to act on.";

@InputType("SetSchedulesEnabledInput", { description: "The schedules to enable or disable." })
export class SetSchedulesEnabledInput {
  @Field(() => ScheduleSelectionInput, { description: SELECT })
  readonly select!: ScheduleSelectionInput;
  @Field(() => Boolean, { description: "Whether the schedules create tasks." })
  readonly enabled!: boolean;
}

@InputType("RunSchedulesNowInput", { description: "The schedules to run." })
export class RunSchedulesNowInput {
  @Field(() => ScheduleSelectionInput, { description: SELECT })
  readonly select!: ScheduleSelectionInput;
}

@InputType("DeleteSchedulesInput", { description: "The schedules to delete." })
export class DeleteSchedulesInput {
  @Field(() => ScheduleSelectionInput, { description: SELECT })
  readonly select!: ScheduleSelectionInput;
}

@InputType("UpdateScheduleInput", {
  description:
    "Changes to a schedule. Omitted fields keep their values. Null removes a description, options, a bound or the jitter.",
})
export class UpdateScheduleInput {
  @Field(() => ScheduleByInput, { description: "The schedule to change." })
  readonly by!: ScheduleByInput;
  @Field(() => Int, {
    description:
      "The version that the caller read. If the schedule was changed since, the request is refused as a CONFLICT.",
  })
  readonly version!: number;
  @Field(() => String, { nullable: true, description: NAME })
  readonly name?: string | null;
  @Field(() => String, { nullable: true, description: TASK_NAME })
  readonly taskName?: string | null;
  @Field(() => TimingInput, { nullable: true, description: TIMING })
  readonly timing?: TimingInput | null;
  @Field(() => TimeZoneScalar, { nullable: true, description: ZONE })
  readonly timeZone?: string | null;
  @Field(() => JsonScalar, { nullable: true, description: ARGS })
  readonly args?: Json;
  @Field(() => EnqueueOptionsInput, { nullable: true, description: OPTIONS })
  readonly options?: EnqueueOptionsInput | null;
  @Field(() => String, { nullable: true, description: "A description for people." })
  readonly description?: string | null;
  @Field(() => Boolean, { nullable: true, description: "Whether the schedule creates tasks." })
  readonly enabled?: boolean | null;
  @Field(() => DateTimeScalar, { nullable: true, description: START_AT })
  readonly startAt?: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "End of the schedule: no slot is later." })
  readonly endAt?: Date | null;
  @Field(() => Int, { nullable: true, description: MAX_RUNS })
  readonly maxRuns?: number | null;
  @Field(() => OverlapPolicyEnum, { nullable: true, description: OVERLAP })
  readonly overlap?: OverlapPolicy | null;
  @Field(() => MisfirePolicyEnum, { nullable: true, description: MISFIRE })
  readonly misfire?: MisfirePolicy | null;
  @Field(() => DurationScalar, { nullable: true, description: JITTER })
  readonly jitter?: number | null;
}

@InputType("ScheduleFilter", {
  description: "Conditions that a schedule must meet. All given conditions apply.",
})
export class ScheduleFilterInput {
  @Field(() => Boolean, { nullable: true, description: "Selects enabled or disabled schedules." })
  readonly enabled?: boolean | null;
  @Field(() => [String], {
    nullable: true,
    description: "Selects schedules of these task definitions: 1 to 1,000 names.",
  })
  readonly taskNames?: readonly string[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Selects schedules whose name, description or task name contains this string of up to 200 characters.",
  })
  readonly search?: string | null;
  @Field(() => ScheduleSourceEnum, { nullable: true, description: "Selects schedules by their source." })
  readonly source?: ScheduleSource | null;
}

/** Fields that null removes. For other fields, null has no effect. */
const REMOVABLE: ReadonlySet<string> = new Set([
  "description",
  "options",
  "startAt",
  "endAt",
  "maxRuns",
  "jitter",
]);

export function toScheduleInput(input: CreateScheduleInput): ScheduleInput {
  return toChanges(input) as ScheduleInput;
}

/** Converts the given fields of a schedule for the engine. */
export function toChanges(input: Partial<UpdateScheduleInput>): Partial<ScheduleInput> {
  const { by: _by, version: _version, timing, options, ...rest } = input;
  const given = Object.entries(rest).filter(
    ([key, value]) => value !== undefined && (value !== null || REMOVABLE.has(key)),
  );
  return {
    ...Object.fromEntries(given),
    ...(timing ? { timing: toTiming(timing) } : {}),
    ...(options === undefined ? {} : { options: toEnqueueOptions(options) ?? null }),
  } as Partial<ScheduleInput>;
}

/** Converts a filter, without conditions that are empty. */
export function toScheduleFilter(input: ScheduleFilterInput | null | undefined): ScheduleFilter {
  const given = Object.entries(input ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(given) as ScheduleFilter;
}
