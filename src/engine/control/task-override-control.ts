import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { refuseIssues, type Issue } from "../../errors.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import type { ControlStore } from "../../store/workers/control-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import type { ControlAction } from "../../task/records/control.ts";
import { formatRate, parseRate, RATE_FORMS } from "../../task/limits/rate.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { effectiveSettings, type TaskOverrides } from "../../task/records/task-overrides.ts";
import { isSoftTooLong, MAX_TIME_LIMIT_MS } from "../../task/limits/time-limits.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import type { Publisher } from "../events/publisher.ts";
import type { WorkerAnswers, WorkerCommands } from "./worker-commands.ts";
import { DEFAULT_TIMEOUT_MS } from "./worker-control.ts";

/** Time limits of one attempt. Null removes an override; an absent one stays as it is. */
export interface TimeLimitChange {
  /** When `ctx.signal` warns. */
  readonly soft?: DurationInput | null;
  /** When the attempt is ended. */
  readonly hard?: DurationInput | null;
}

export interface TaskSettingControlParts {
  readonly registry: Registry;
  readonly workers: Pick<WorkerStore, "list">;
  readonly store: Pick<ControlStore, "changeTask">;
  readonly commands: WorkerCommands;
  readonly publisher: Publisher;
}

/**
 * Sets the runtime overrides of task definitions. They replace the values of the code until they
 * are removed, and apply to attempts that begin afterwards. The live workers that know the
 * definition reply; without any, the overrides apply to workers that start later.
 */
export class TaskOverrideControl {
  constructor(private readonly parts: TaskSettingControlParts) {}

  /**
   * @param rateLimit such as `"10/s"`; null removes the override.
   *
   * @throws RefusedError
   */
  setRateLimit(name: string, rateLimit: string | null, actor: string | null): Promise<WorkerAnswers> {
    const issues: Issue[] = [];
    const rate = parseRate(rateLimit);
    if (rateLimit !== null && rate === null)
      issues.push(invalid("rateLimit", `expected ${RATE_FORMS}, got ${show(rateLimit)}.`));
    const written = rate && formatRate(rate);
    return this.#change("SET_TASK_RATE_LIMIT", name, actor, issues, (now) => ({
      ...now,
      rateLimit: written,
    }));
  }

  /** @throws RefusedError */
  setTimeLimit(name: string, limits: TimeLimitChange, actor: string | null): Promise<WorkerAnswers> {
    const issues: Issue[] = [];
    const soft = readLimit("soft", limits.soft, issues);
    const hard = readLimit("hard", limits.hard, issues);
    if (soft === undefined && hard === undefined && issues.length === 0)
      issues.push(invalid("hard", "expected hard or soft, got neither."));
    return this.#change("SET_TASK_TIME_LIMIT", name, actor, issues, (now) => {
      const next = {
        ...now,
        ...(soft === undefined ? {} : { softTimeLimitMs: soft }),
        ...(hard === undefined ? {} : { timeLimitMs: hard }),
      };
      this.#refuseCrossed(name, next);
      return next;
    });
  }

  /**
   * Pauses a definition: its tasks wait until it is resumed, and running ones go on.
   * @throws RefusedError
   */
  setPaused(name: string, paused: boolean, actor: string | null): Promise<WorkerAnswers> {
    return this.#change(paused ? "PAUSE_TASK" : "RESUME_TASK", name, actor, [], (now) => ({
      ...now,
      paused,
    }));
  }

  async #change(
    action: ControlAction,
    name: string,
    actor: string | null,
    issues: Issue[],
    change: (overrides: TaskOverrides) => TaskOverrides,
  ): Promise<WorkerAnswers> {
    if (!this.parts.registry.get(name)) issues.unshift(this.#unknown(name));
    refuseIssues(issues);
    const { workers, store, commands, publisher } = this.parts;
    const entry = await store.changeTask(name, change, { action, actor });
    publisher.publish([{ kind: "control", entry }]);
    const able = (await workers.list(LIVE_STATUSES)).filter(({ definitions }) => definitions.includes(name));
    return commands.send(able, { ask: "look", task: name, timeoutMs: DEFAULT_TIMEOUT_MS });
  }

  /** A soft limit after the hard one would have no effect. */
  #refuseCrossed(name: string, overrides: TaskOverrides): void {
    const { timeLimitMs: hard, softTimeLimitMs: soft } = effectiveSettings(
      this.parts.registry.get(name)!,
      overrides,
    );
    if (isSoftTooLong({ softMs: soft, hardMs: hard }))
      refuseIssues([invalid("soft", `expected less than the hard limit, ${hard} ms, got ${soft} ms.`)]);
  }

  #unknown(name: string): Issue {
    const known = this.parts.registry.names();
    return {
      code: "NOT_REGISTERED",
      path: ["name"],
      message: `Task ${show(name)} is not registered.`,
      hint: didYouMean(name, known, `Known: ${known.length} tasks (see taskDefinitions).`),
    };
  }
}

/** Returns undefined for an absent limit. */
function readLimit(
  key: string,
  value: DurationInput | null | undefined,
  issues: Issue[],
): number | null | undefined {
  if (value === undefined || value === null) return value;
  const parsed = parseDuration(value);
  if (parsed !== null && parsed > 0 && parsed <= MAX_TIME_LIMIT_MS) return parsed;
  issues.push(invalid(key, `expected ${DURATION_FORMS}, above zero, at most 24 days, got ${show(value)}.`));
  return undefined;
}

function invalid(key: string, message: string): Issue {
  return { code: "INVALID_INPUT", path: [key], message };
}
