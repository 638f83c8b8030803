import { changedKeys } from "../../lib/changed-keys.ts";
import type { AnyTaskDefinition } from "../definition/definition.ts";
import type { Registry } from "../definition/registry.ts";
import type { StoredOptions } from "../call/stored-options.ts";
import type { TimeLimits } from "../limits/time-limits.ts";

/** What a task definition is told while everything runs, over what its code says. Null: as the code says. */
export interface TaskOverrides {
  /** Such as `"10/s"`. */
  readonly rateLimit: string | null;
  readonly timeLimitMs: number | null;
  readonly softTimeLimitMs: number | null;
  /** Its tasks wait; what runs goes on. */
  readonly paused: boolean;
}

/** Overrides and the definition that they are of. */
export interface NamedTaskOverrides extends TaskOverrides {
  readonly name: string;
}

export const NO_TASK_OVERRIDES: TaskOverrides = {
  rateLimit: null,
  timeLimitMs: null,
  softTimeLimitMs: null,
  paused: false,
};

/** What of a definition is told otherwise than its code says. */
export const TASK_SETTING_KEYS = ["RATE_LIMIT", "TIME_LIMIT", "SOFT_TIME_LIMIT", "PAUSED"] as const;
export type TaskSettingKey = (typeof TASK_SETTING_KEYS)[number];

/** What holds for a definition now: its overrides, and where it has none what its code says. */
export interface EffectiveTaskSettings extends TaskOverrides {
  readonly overridden: readonly TaskSettingKey[];
}

export function effectiveSettings(
  definition: Pick<AnyTaskDefinition, "timeLimitMs" | "softTimeLimitMs">,
  overrides: TaskOverrides,
): EffectiveTaskSettings {
  const { rateLimit, timeLimitMs, softTimeLimitMs, paused } = overrides;
  return {
    rateLimit,
    timeLimitMs: timeLimitMs ?? definition.timeLimitMs,
    softTimeLimitMs: softTimeLimitMs ?? definition.softTimeLimitMs,
    paused,
    overridden: [
      ...(rateLimit === null ? [] : ["RATE_LIMIT" as const]),
      ...(timeLimitMs === null ? [] : ["TIME_LIMIT" as const]),
      ...(softTimeLimitMs === null ? [] : ["SOFT_TIME_LIMIT" as const]),
      ...(paused ? ["PAUSED" as const] : []),
    ],
  };
}

/** A task's own time limit, as far as limits of attempts go by it. */
interface LimitedTask {
  readonly timeLimitMs: number | null;
  readonly options: StoredOptions | null;
}

const NO_LIMITS: TimeLimits = { softMs: null, hardMs: null };

/** What holds for definitions now, as far as this process has read it: newer settings come at the latest with its worker's next heartbeat. */
export class TaskSettings {
  #overrides: ReadonlyMap<string, TaskOverrides> = new Map();
  #paused = false;
  readonly #effective = new Map<string, EffectiveTaskSettings>();

  constructor(private readonly registry: Pick<Registry, "get">) {}

  /** Takes the overrides of all definitions that have any; returns the names of those for which something is another now. */
  replace(all: readonly NamedTaskOverrides[]): readonly string[] {
    const before = this.#overrides;
    this.#overrides = new Map(all.map((overrides) => [overrides.name, overrides]));
    this.#effective.clear();
    this.#paused = all.some(({ paused }) => paused);
    return changedKeys(before, this.#overrides);
  }

  of(name: string): EffectiveTaskSettings {
    let settings = this.#effective.get(name);
    if (!settings) {
      const definition = this.registry.get(name) ?? { timeLimitMs: null, softTimeLimitMs: null };
      settings = effectiveSettings(definition, this.#overrides.get(name) ?? NO_TASK_OVERRIDES);
      this.#effective.set(name, settings);
    }
    return settings;
  }

  /** Those of these definitions whose tasks may begin. */
  startable(names: readonly string[]): readonly string[] {
    return this.#paused ? names.filter((name) => !this.of(name).paused) : names;
  }

  /**
   * Time limits of a task that is about to begin: what its own call said, else the override, else what it took from its definition.
   *
   * @param defaults where none of these says anything
   */
  limitsOf(name: string, { timeLimitMs, options }: LimitedTask, defaults = NO_LIMITS): TimeLimits {
    const overrides = this.#overrides.get(name) ?? NO_TASK_OVERRIDES;
    const { softTimeLimitMs = null, ownSoftTimeLimit, ownTimeLimit } = options ?? {};
    const soft = ownSoftTimeLimit ? softTimeLimitMs : (overrides.softTimeLimitMs ?? softTimeLimitMs);
    const hard = ownTimeLimit ? timeLimitMs : (overrides.timeLimitMs ?? timeLimitMs);
    return { softMs: soft ?? defaults.softMs, hardMs: hard ?? defaults.hardMs };
  }
}
