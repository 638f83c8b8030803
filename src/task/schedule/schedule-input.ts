import type { DurationInput } from "../../lib/duration.ts";
import type { Json } from "../../lib/json/json.ts";
import type { EnqueueOptions } from "../call/enqueue-options.ts";
import type { MisfirePolicy, OverlapPolicy } from "./schedule.ts";
import type { TimingJson } from "../timing/timing-json.ts";
import type { Timing } from "../timing/timing.ts";

/** The properties of a schedule, as callers give them. */
export interface ScheduleInput {
  /** Unique: 1 to 128 visible characters. */
  readonly name: string;
  /** Name of the task definition. */
  readonly taskName: string;
  /**
   * When it is due: `{ interval: { every: "5s" } }`, `{ crontab: "0 9 * * MON-FRI" }`,
   * `{ clocked: "2027-01-01T00:00:00Z" }` or `{ solar: { … } }`.
   */
  readonly timing: Timing | TimingJson;
  /** IANA name of the time zone. @default that of the process that saves the schedule */
  readonly timeZone?: string;
  /**
   * Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. @default {}
   */
  readonly args?: Json;
  /** Options of the tasks, without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null;
  readonly description?: string | null;
  /** @default true */
  readonly enabled?: boolean;
  /** Earliest slot; intervals are counted from here. @default the time of creation */
  readonly startAt?: Date | string | null;
  /** Latest slot. @default none */
  readonly endAt?: Date | string | null;
  /** Number of tasks after which the schedule ends. @default none */
  readonly maxRuns?: number | null;
  /** What a slot does while a task of the schedule is unfinished. @default "ALLOW" */
  readonly overlap?: OverlapPolicy;
  /** What happens to slots that were missed because no beat ran. @default "FIRE_ONCE" */
  readonly misfire?: MisfirePolicy;
  /** Longest random delay of each task after its slot, at most 1 day. @default none */
  readonly jitter?: DurationInput | null;
}

/** A schedule of a definition. Without a name it has that of the definition. */
export type DefinitionSchedule = Omit<ScheduleInput, "taskName" | "name"> & { readonly name?: string };
