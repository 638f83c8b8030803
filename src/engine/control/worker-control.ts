import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { refuseIssues, type Issue } from "../../errors.ts";
import { SECOND } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { LOG_LEVELS, type LogLevelName } from "../../lib/log/log.ts";
import { newId } from "../../lib/uuid.ts";
import type { CommandOrigin, ControlStore } from "../../store/workers/control-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import type { ControlAction, ControlEntry } from "../../task/records/control.ts";
import { QUEUE_NAME, QUEUE_NAME_RULE } from "../../task/definition/names.ts";
import {
  type Autoscale,
  MAX_CONCURRENCY,
  WORKER_SETTING_KEYS,
  type WorkerSettingKey,
  type WorkerSettingsChange,
} from "../../task/records/worker-settings.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";
import type { Publisher } from "../events/publisher.ts";
import type { WorkerCommand, WorkerAnswers, WorkerCommands } from "./worker-commands.ts";

/** The workers of a command, and how long to wait for their replies. */
export interface WorkerSelection {
  /** Names; a name reaches all workers that have it. @default all live workers */
  readonly workers?: readonly string[];
  /** @default "2s" */
  readonly timeout?: DurationInput;
}

export interface WorkerControlParts {
  readonly workers: Pick<WorkerStore, "list">;
  readonly store: Pick<ControlStore, "changeWorkers" | "commandWorkers">;
  readonly commands: WorkerCommands;
  readonly publisher: Publisher;
}

export const DEFAULT_TIMEOUT_MS = 2 * SECOND;
const MAX_TIMEOUT_MS = 20 * SECOND;
const MAX_NAMES = 1_000;
const MAX_QUEUES = 1_000;

/**
 * Commands to workers. Runtime settings are stored by name first, and apply to all workers of that
 * name, including those that start later. Then the live ones are signalled to read them, and reply
 * with the settings in force. A worker that does not reply reads them with its next heartbeat.
 */
export class WorkerControl {
  constructor(private readonly parts: WorkerControlParts) {}

  /** Asks live workers for a reply. Nothing is stored. */
  async ping(selection: WorkerSelection): Promise<WorkerAnswers> {
    const issues: Issue[] = [];
    const timeoutMs = readTimeout(selection.timeout, issues);
    return this.#ask(await this.#select(selection, issues), { ask: "ping", timeoutMs });
  }

  /** Sets how many tasks a worker runs at once, and ends its autoscaling. */
  resize(selection: WorkerSelection, concurrency: number, actor: string | null): Promise<WorkerAnswers> {
    const issues = checkSize("concurrency", concurrency);
    const change = { kind: "concurrency", concurrency } as const;
    return this.#change("RESIZE_WORKER_POOL", selection, change, actor, issues);
  }

  /** Lets the concurrency of workers change between two bounds. */
  autoscale(
    selection: WorkerSelection,
    { min, max }: Autoscale,
    actor: string | null,
  ): Promise<WorkerAnswers> {
    const issues = [...checkSize("min", min), ...checkSize("max", max)];
    if (issues.length === 0 && min > max)
      issues.push(invalid("min", `expected at most max, which is ${max}, got ${min}.`));
    const change = { kind: "autoscale", autoscale: { min, max } } as const;
    return this.#change("AUTOSCALE_WORKERS", selection, change, actor, issues);
  }

  /** Adds queues to workers, and removes others. */
  setQueues(
    selection: WorkerSelection,
    { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    actor: string | null,
  ): Promise<WorkerAnswers> {
    const issues = [...checkQueues("add", add), ...checkQueues("remove", remove)];
    if (add.length + remove.length === 0)
      issues.push(invalid("add", "must name a queue, or remove must: nothing would change."));
    const both = add.find((queue) => remove.includes(queue));
    if (both !== undefined)
      issues.push(invalid("remove", `expected queues that add does not name, got ${show(both)}.`));
    return this.#change("SET_WORKER_QUEUES", selection, { kind: "queues", add, remove }, actor, issues);
  }

  /** Pauses workers: they fetch no tasks, and running ones go on. */
  pause(selection: WorkerSelection, actor: string | null): Promise<WorkerAnswers> {
    return this.#change("PAUSE_WORKERS", selection, { kind: "paused", paused: true }, actor);
  }

  resume(selection: WorkerSelection, actor: string | null): Promise<WorkerAnswers> {
    return this.#change("RESUME_WORKERS", selection, { kind: "paused", paused: false }, actor);
  }

  /** Changes which records the processes of workers log. */
  setLogLevel(
    selection: WorkerSelection,
    logLevel: LogLevelName,
    actor: string | null,
  ): Promise<WorkerAnswers> {
    const issues = LOG_LEVELS.includes(logLevel)
      ? []
      : [invalid("level", `expected one of ${LOG_LEVELS.join(", ")}, got ${show(logLevel)}.`)];
    return this.#change("SET_WORKER_LOG_LEVEL", selection, { kind: "logLevel", logLevel }, actor, issues);
  }

  /**
   * Removes runtime settings: workers use their configuration again.
   * @param keys which settings; all by default
   */
  reset(
    selection: WorkerSelection,
    keys: readonly WorkerSettingKey[] = WORKER_SETTING_KEYS,
    actor: string | null = null,
  ): Promise<WorkerAnswers> {
    return this.#change("RESET_WORKER_SETTINGS", selection, { kind: "reset", keys }, actor);
  }

  /** Replaces the children of pools, one after another, as they become idle. */
  restartPools(selection: WorkerSelection, actor: string | null): Promise<WorkerAnswers> {
    return this.#commandOnce("RESTART_WORKER_POOLS", selection, { kind: "poolRestart", id: newId() }, actor);
  }

  /** Ends workers, as SIGTERM does; without `drain`, their running tasks are requeued at once. */
  shutdown(
    selection: WorkerSelection,
    { drain }: { readonly drain: boolean },
    actor: string | null,
  ): Promise<WorkerAnswers> {
    return this.#commandOnce("SHUTDOWN_WORKERS", selection, { kind: "shutdown", drain }, actor);
  }

  async #change(
    action: ControlAction,
    selection: WorkerSelection,
    change: WorkerSettingsChange,
    actor: string | null,
    issues: Issue[] = [],
  ): Promise<WorkerAnswers> {
    return this.#run(selection, issues, (workers) => {
      const names = [...new Set(workers.map(({ name }) => name))];
      return this.parts.store.changeWorkers(names, change, { action, actor });
    });
  }

  #commandOnce(
    action: ControlAction,
    selection: WorkerSelection,
    command: Parameters<ControlStore["commandWorkers"]>[1],
    actor: string | null,
  ): Promise<WorkerAnswers> {
    const origin: CommandOrigin = { action, actor };
    return this.#run(selection, [], (workers) =>
      this.parts.store.commandWorkers(
        workers.map(({ id }) => id),
        command,
        origin,
      ),
    );
  }

  /**
   * Stores a command, publishes it, then signals the workers: one that misses the signal reads it
   * with its next heartbeat.
   */
  async #run(
    selection: WorkerSelection,
    issues: Issue[],
    store: (workers: readonly WorkerRecord[]) => Promise<ControlEntry>,
  ): Promise<WorkerAnswers> {
    const timeoutMs = readTimeout(selection.timeout, issues);
    const workers = await this.#select(selection, issues);
    const entry = await store(workers);
    // failpoint: control.stored
    this.parts.publisher.publish([{ kind: "control", entry }]);
    return this.#ask(workers, { ask: "look", timeoutMs });
  }

  #ask(workers: readonly WorkerRecord[], command: WorkerCommand): Promise<WorkerAnswers> {
    return this.parts.commands.send(workers, command);
  }

  /**
   * Returns the selected live workers.
   *
   * @throws RefusedError with `issues` and those of the names
   */
  async #select({ workers: names }: WorkerSelection, issues: Issue[]): Promise<readonly WorkerRecord[]> {
    const isTooLong = names !== undefined && (names.length < 1 || names.length > MAX_NAMES);
    if (isTooLong)
      issues.push(invalid("workers", `must hold 1 to ${MAX_NAMES} names; leave it out for all workers.`));
    const live = await this.parts.workers.list(LIVE_STATUSES);
    if (live.length > 0) issues.push(...findUnknown(isTooLong ? [] : (names ?? []), live));
    else
      issues.push({
        code: "NO_WORKER_REPLIED",
        path: ["workers"],
        message: "No worker is live.",
        hint: "Start one with `lovage worker`.",
      });
    refuseIssues(issues);
    return names ? live.filter(({ name }) => names.includes(name)) : live;
  }
}

function findUnknown(names: readonly string[], live: readonly WorkerRecord[]): Issue[] {
  const known = [...new Set(live.map(({ name }) => name))].sort();
  return names.flatMap((name, index): Issue[] => {
    if (known.includes(name)) return [];
    const hint = didYouMean(name, known, `Live: ${known.slice(0, 10).join(", ")}.`);
    const message = `No live worker is named ${show(name)}.`;
    return [{ code: "NOT_FOUND", path: ["workers", String(index)], message, hint }];
  });
}

function readTimeout(timeout: DurationInput | undefined, issues: Issue[]): number {
  if (timeout === undefined) return DEFAULT_TIMEOUT_MS;
  const parsed = parseDuration(timeout);
  if (parsed !== null && parsed > 0 && parsed <= MAX_TIMEOUT_MS) return parsed;
  const rule = `expected ${DURATION_FORMS}, above zero, up to ${MAX_TIMEOUT_MS / SECOND} s`;
  issues.push(invalid("timeout", `${rule}, got ${show(timeout)}.`));
  return DEFAULT_TIMEOUT_MS;
}

function checkSize(key: string, size: number): Issue[] {
  if (Number.isInteger(size) && size >= 1 && size <= MAX_CONCURRENCY) return [];
  return [invalid(key, `expected an integer from 1 to ${MAX_CONCURRENCY}, got ${show(size)}.`)];
}

function checkQueues(key: string, queues: readonly string[]): Issue[] {
  if (queues.length > MAX_QUEUES)
    return [invalid(key, `expected at most ${MAX_QUEUES} queues, got ${queues.length}.`)];
  const wrong = queues.find((queue) => !QUEUE_NAME.test(queue));
  return wrong === undefined
    ? []
    : [invalid(key, `expected names of queues (${QUEUE_NAME_RULE}), got ${show(wrong)}.`)];
}

function invalid(key: string, message: string): Issue {
  return { code: "INVALID_INPUT", path: [key], message };
}
