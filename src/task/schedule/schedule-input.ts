import type { DurationInput } from "../../lib/duration.ts";
import type { Json } from "../../lib/json.ts";
import type { EnqueueOptions } from "../call/enqueue-options.ts";
import type { MisfirePolicy, OverlapPolicy } from "./schedule.ts";
import type { TimingJson } from "../timing/timing-json.ts";
import type { Timing } from "../timing/timing.ts";

/** What callers say about a schedule. */
export interface ScheduleInput {
  /** Unique: 1 to 128 visible characters. */
  readonly name: string;
  /** Name of the task definition. */
  readonly taskName: string;
  /** When: `{ interval: { every: "5s" } }`, `{ crontab: "0 9 * * MON-FRI" }`, `{ clocked: "2027-01-01T00:00:00Z" }` or `{ solar: { … } }`. */
  readonly timing: Timing | TimingJson;
  /** IANA name. @default the zone of the process that saves it */
  readonly timeZone?: string;
  /** Input of the tasks; texts may hold `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. @default {} */
  readonly args?: Json;
  /** Options of the tasks; without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null;
  readonly description?: string | null;
  /** @default true */
  readonly enabled?: boolean;
  /** No slot before; intervals are counted from here. @default when it is made */
  readonly startAt?: Date | string | null;
  /** No slot after. @default never */
  readonly endAt?: Date | string | null;
  /** It ends after so many tasks. @default never */
  readonly maxRuns?: number | null;
  /** When a slot comes and a task of the schedule is unfinished. @default "ALLOW" */
  readonly overlap?: OverlapPolicy;
  /** What becomes of slots that came while nothing looked. @default "FIRE_ONCE" */
  readonly misfire?: MisfirePolicy;
  /** Each task comes up to so much later than its slot, by chance; up to 1 day. @default none */
  readonly jitter?: DurationInput | null;
}

/** A schedule beside its definition, whose name it takes where it has none of its own. */
export type DefinitionSchedule = Omit<ScheduleInput, "taskName" | "name"> & { readonly name?: string };
