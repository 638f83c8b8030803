import type { Json } from "../../src/lib/json/json.ts";
import { type Logger, silentLogger } from "../../src/lib/log/log.ts";
import type { Outcome } from "../../src/store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../src/task/definition/definition.ts";
import type { StoredOptions } from "../../src/task/call/stored-options.ts";
import { RunContext } from "../../src/worker/attempt/run-context.ts";
import type { AttemptRunner } from "../../src/worker/attempt/attempt.ts";
import { newTask } from "./store-rows.ts";

export interface ContextPart {
  readonly input?: Json;
  readonly attempt?: number;
  readonly maxAttempts?: number;
  readonly timeLimitMs?: number;
  readonly options?: StoredOptions;
  readonly createdAt?: Date;
  readonly log?: Logger;
}

/** The context of an attempt that no worker began. */
export function contextFor(part: ContextPart = {}): RunContext {
  const { id, name, queue, priority, tags } = newTask();
  const at = new Date();
  const {
    attempt = 1,
    maxAttempts = 3,
    input = {},
    timeLimitMs = null,
    options = null,
    createdAt = at,
  } = part;
  const times = { createdAt, queuedAt: at, startedAt: at, finishedAt: null, runAt: null, scheduleId: null };
  const summary = {
    ...{ id, name, queue, priority, tags, attempt, maxAttempts, ...times },
    ...({ state: "STARTED", crashCount: 0, version: 2, progress: null } as const),
    ...{ workerId: "0199aaaa-0000-7000-8000-000000000001", workerName: "worker@test" },
  };
  const host = {
    workerName: "worker@test",
    log: part.log ?? silentLogger,
    onProgress: () => undefined,
    onLongTurn: () => undefined,
    transact: () => Promise.reject(new Error("There is no database.")),
    enqueue: () => Promise.reject(new Error("There is no database.")),
  };
  return new RunContext({ summary, input, timeLimitMs, options, idempotencyKey: null, schedule: null }, host);
}

/** Runs one attempt; resolves with its outcome. */
export function settled(
  runner: AttemptRunner,
  definition: AnyTaskDefinition,
  context: RunContext,
): Promise<Outcome | null> {
  return new Promise((resolve) => runner.run(definition, context, (_context, outcome) => resolve(outcome)));
}

export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its records. */
export function recordingLog(records: LogRecord[], bound: LogRecord["fields"] = {}): Logger {
  const write = (level: string) => (message: string, fields?: LogRecord["fields"]) =>
    void records.push({ level, message, fields: { ...bound, ...fields } });
  return {
    ...{ trace: write("trace"), debug: write("debug"), info: write("info") },
    ...{ warn: write("warn"), error: write("error"), fatal: write("fatal") },
    child: (fields) => recordingLog(records, { ...bound, ...fields }),
  };
}
