import { changedKeys } from "../../lib/changed-keys.ts";
import type { AnyTaskDefinition } from "../definition/definition.ts";
import type { Registry } from "../definition/registry.ts";
import type { StoredOptions } from "../call/stored-options.ts";
import type { TimeLimits } from "../limits/time-limits.ts";

/** Runtime overrides of a definition. Null: no override. */
export interface TaskOverrides {
  /** A rate such as `"10/s"`. */
  readonly rateLimit: string | null;
  readonly timeLimitMs: number | null;
  readonly softTimeLimitMs: number | null;
  /** Whether its tasks wait. Running tasks go on. */
  readonly paused: boolean;
}

/** Runtime overrides with the name of their definition. */
export interface NamedTaskOverrides extends TaskOverrides {
  readonly name: string;
}

export const NO_TASK_OVERRIDES: TaskOverrides = {
  rateLimit: null,
  timeLimitMs: null,
  softTimeLimitMs: null,
  paused: false,
};

/** Returns the keys of the runtime overrides that are set. */
export const TASK_SETTING_KEYS = ["RATE_LIMIT", "TIME_LIMIT", "SOFT_TIME_LIMIT", "PAUSED"] as const;
export type TaskSettingKey = (typeof TASK_SETTING_KEYS)[number];

/** The effective settings of a definition: its runtime overrides, else those of the code. */
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

/** The time limits of one task. */
interface LimitedTask {
  readonly timeLimitMs: number | null;
  readonly options: StoredOptions | null;
}

const NO_LIMITS: TimeLimits = { softMs: null, hardMs: null };

/**
 * Runtime overrides as this process last read them. Its worker reads them at the latest with its
 * next heartbeat.
 */
export class RuntimeOverrides {
  #overrides: ReadonlyMap<string, TaskOverrides> = new Map();
  #paused = false;
  readonly #effective = new Map<string, EffectiveTaskSettings>();

  constructor(private readonly registry: Pick<Registry, "get">) {}

  /**
   * Stores the overrides of all definitions. Returns the names of the definitions whose settings
   * changed.
   */
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

  /** Returns the definitions whose tasks may start. */
  startable(names: readonly string[]): readonly string[] {
    return this.#paused ? names.filter((name) => !this.of(name).paused) : names;
  }

  /**
   * Returns the time limits of a task that starts: those of its call, else the override, else those
   * of its definition.
   *
   * @param defaults limits if none of these is set
   */
  limitsOf(name: string, { timeLimitMs, options }: LimitedTask, defaults = NO_LIMITS): TimeLimits {
    const overrides = this.#overrides.get(name) ?? NO_TASK_OVERRIDES;
    const { softTimeLimitMs = null, ownSoftTimeLimit, ownTimeLimit } = options ?? {};
    const soft = ownSoftTimeLimit ? softTimeLimitMs : (overrides.softTimeLimitMs ?? softTimeLimitMs);
    const hard = ownTimeLimit ? timeLimitMs : (overrides.timeLimitMs ?? timeLimitMs);
    return { softMs: soft ?? defaults.softMs, hardMs: hard ?? defaults.hardMs };
  }
}
