import type {
  CreateScheduleInput,
  ScheduleFieldsFragment,
  UpdateScheduleInput,
} from "../../client/generated/graphql.ts";
import { formatDuration, parseDuration } from "../../../lib/duration.ts";
import type { Json, JsonObject } from "../../../lib/json.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { type TimingJson, toTimingJson } from "../../../task/timing/timing-json.ts";
import type { Timing } from "../../../task/timing/timing.ts";

/** What a schedule of the server is told to do, as the engine has it. */
export function specOf(schedule: ScheduleFieldsFragment): ScheduleSpec {
  const { name, description, enabled, taskName, timeZone, maxRuns, overlap, misfire } = schedule;
  return {
    ...{ name, description, enabled, taskName, timeZone, maxRuns, overlap, misfire },
    args: schedule.args as Json,
    options: (schedule.options ?? {}) as JsonObject,
    timing: timingOf(schedule.timing),
    startAt: schedule.startAt === null ? null : new Date(schedule.startAt),
    endAt: schedule.endAt === null ? null : new Date(schedule.endAt),
    jitterMs: schedule.jitter === null ? null : parseDuration(schedule.jitter),
  };
}

function timingOf(timing: ScheduleFieldsFragment["timing"]): Timing {
  switch (timing.__typename) {
    case "IntervalTiming":
      return { kind: "interval", everyMs: parseDuration(timing.every) ?? 0 };
    case "CrontabTiming":
      return { kind: "crontab", expression: timing.expression };
    case "ClockedTiming":
      return { kind: "clocked", at: new Date(timing.at) };
    case "SolarTiming": {
      const { event, latitude, longitude } = timing;
      return { kind: "solar", event, latitude, longitude };
    }
  }
}

/** What is said of a schedule as the API and files have it: times and spans are texts. */
export type SaidOfSchedule = Omit<
  ScheduleSpec,
  "timing" | "startAt" | "endAt" | "jitterMs" | "args" | "options"
> & {
  readonly args: Json;
  readonly options: JsonObject;
  readonly timing: TimingJson;
  readonly startAt: string | null;
  readonly endAt: string | null;
  readonly jitter: string | null;
};

/** The fields that are given, and no others. */
export function sayFields(spec: Partial<ScheduleSpec>): Partial<SaidOfSchedule> {
  const { timing, startAt, endAt, jitterMs, ...rest } = spec;
  return {
    ...rest,
    ...(timing === undefined ? {} : { timing: toTimingJson(timing) }),
    ...(startAt === undefined ? {} : { startAt: startAt?.toISOString() ?? null }),
    ...(endAt === undefined ? {} : { endAt: endAt?.toISOString() ?? null }),
    ...(jitterMs === undefined ? {} : { jitter: jitterMs === null ? null : formatDuration(jitterMs) }),
  };
}

export function toCreateInput(spec: ScheduleSpec): CreateScheduleInput {
  return sayFields(spec) as CreateScheduleInput;
}

export function toUpdateInput(
  { id, version }: Pick<ScheduleFieldsFragment, "id" | "version">,
  changes: Partial<ScheduleSpec>,
): UpdateScheduleInput {
  return { ...(sayFields(changes) as Partial<UpdateScheduleInput>), id, version };
}
