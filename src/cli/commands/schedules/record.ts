import type {
  CreateScheduleInput,
  ScheduleFieldsFragment,
  UpdateScheduleInput,
} from "../../client/generated/graphql.ts";
import { formatDuration, parseDuration } from "../../../lib/duration.ts";
import type { Json, JsonObject } from "../../../lib/json/json.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { type TimingJson, toTimingJson } from "../../../task/timing/timing-json.ts";
import type { Timing } from "../../../task/timing/timing.ts";

/** The definition of a server's schedule, in the engine's types. */
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

/**
 * The definition of a schedule as in the API and in files: timestamps and durations are strings.
 */
export type ScheduleFields = Omit<
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

/** The present fields of a schedule, in the types of the API. */
export function toFields(spec: Partial<ScheduleSpec>): Partial<ScheduleFields> {
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
  return toFields(spec) as CreateScheduleInput;
}

export function toUpdateInput(
  { id, version }: Pick<ScheduleFieldsFragment, "id" | "version">,
  changes: Partial<ScheduleSpec>,
): UpdateScheduleInput {
  return { ...(toFields(changes) as Partial<UpdateScheduleInput>), by: { id }, version };
}
