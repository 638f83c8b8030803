import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { Json } from "../../../../src/lib/json/json.ts";
import type { Outcome } from "../../../../src/store/tasks/task-store.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { HiddenValues } from "../../../../src/task/call/stored-options.ts";
import type { IsolatedPool } from "../../../../src/task/definition/pool.ts";
import { ChildPool, type ChildPoolOptions } from "../../../../src/worker/pools/parent/child-pool.ts";
import { ChildRunner } from "../../../../src/worker/pools/parent/child-runner.ts";
import { Processes } from "../../../../src/worker/pools/parent/process-child.ts";
import { Threads } from "../../../../src/worker/pools/parent/thread-child.ts";
import { RunContext, type RunHost } from "../../../../src/worker/attempt/run-context.ts";
import { AttemptRunner } from "../../../../src/worker/attempt/attempt.ts";
import { type LogRecord, recordingLog, settled } from "../../../support/run-context.ts";
import { newTask } from "../../../support/store-rows.ts";

export const MIB = 2 ** 20;
const TASKS = fileURLToPath(new URL("./pool.tasks.ts", import.meta.url));
/** Children run what is built. */
const ENTRIES = {
  processes: new URL("../../../../dist/worker/pools/child/process-main.js", import.meta.url),
  threads: new URL("../../../../dist/worker/pools/child/thread-main.js", import.meta.url),
} as const;

export interface PoolBundleOptions extends Partial<ChildPoolOptions> {
  /** Takes what attempts enqueue. @default it refuses */
  readonly enqueue?: RunHost["enqueue"];
  /** @default "processes" */
  readonly pool?: IsolatedPool;
}

interface RunPart {
  readonly timeLimitMs?: number | null;
  readonly softTimeLimitMs?: number;
  readonly attempt?: number;
  readonly hidden?: HiddenValues;
}

interface Run {
  readonly context: RunContext;
  readonly outcome: Promise<Outcome>;
}

export interface PoolBundle extends AsyncDisposable {
  readonly pool: ChildPool;
  readonly records: LogRecord[];
  /** Progress reports of all runs, as `current/total message`. */
  readonly reports: string[];
  /** Begins an attempt of a definition of the task file. */
  begin(name: string, input?: Json, part?: RunPart): Run;
  /** An attempt to its end. */
  run(...args: Parameters<PoolBundle["begin"]>): Promise<Outcome>;
  /** The first log record with this message. */
  record(message: string): Promise<LogRecord>;
  /** Resolves when the pool has all its children, and all are idle. */
  full(): Promise<void>;
  /** Whether a child lives, by its id. */
  readonly lives: (id: number) => boolean;
}

const noDatabase = () => Promise.reject(new Error("There is no database."));

/** A pool of real children, and what runs attempts in it as a worker does. */
export function startPool({
  pool: which = "processes",
  enqueue = noDatabase,
  ...options
}: PoolBundleOptions = {}): PoolBundle {
  const records: LogRecord[] = [];
  const reports: string[] = [];
  const log = recordingLog(records);
  const settings = { size: 1, maxMemoryPerChild: 512 * MIB, maxTasksPerChild: null, ...options };
  const kind = which === "threads" ? new Threads() : new Processes();
  const place = { files: [TASKS], cwd: process.cwd(), entry: ENTRIES[which] };
  const pool = new ChildPool({ kind, log, ...place, ...settings });
  const children = new ChildRunner(pool);
  const runner = new AttemptRunner({ keepMs: 1_000, executorOf: () => children });
  const begin: PoolBundle["begin"] = (name, input = null, part = {}) => {
    const context = contextOf(name, input, { log, enqueue, ...part }, reports);
    const retry = { maxAttempts: 3, backoff: "fixed", initialDelay: "2s", jitter: false } as const;
    const definition = defineTask({ name, pool: which, retry, run: () => null });
    return { context, outcome: settled(runner, definition, context) as Promise<Outcome> };
  };
  void pool.start();
  return {
    ...{ pool, records, reports, begin },
    run: (...args) => begin(...args).outcome,
    record: (message) =>
      vi.waitFor(
        () => {
          const found = records.find((record) => record.message === message);
          if (!found) throw new Error(`There is no record ${message} in ${JSON.stringify(records)}`);
          return found;
        },
        { timeout: 15_000, interval: 10 },
      ),
    full: () =>
      vi.waitFor(
        () => {
          if (pool.idle !== settings.size || pool.ids.length !== settings.size)
            throw new Error(`${pool.idle} of ${pool.ids.length} are idle, of ${settings.size}`);
        },
        { timeout: 15_000, interval: 10 },
      ),
    lives: which === "processes" ? lives : (id) => pool.ids.includes(id),
    [Symbol.asyncDispose]: () => pool.stop(),
  };
}

function contextOf(
  name: string,
  input: Json,
  {
    log,
    enqueue,
    timeLimitMs = null,
    softTimeLimitMs,
    attempt = 1,
    hidden,
  }: RunPart & Pick<RunHost, "log" | "enqueue">,
  reports: string[],
): RunContext {
  const { id, queue, priority } = newTask();
  const at = new Date("2026-03-01T12:00:00Z");
  const summary = {
    ...{ id, name, queue, priority, tags: ["a", "b"], attempt, createdAt: at, queuedAt: at, startedAt: at },
    ...{ finishedAt: null, runAt: null, scheduleId: null, maxAttempts: 3, crashCount: 0, version: 2 },
    ...({ state: "STARTED", progress: null } as const),
    ...{ workerId: "0199aaaa-0000-7000-8000-000000000001", workerName: "worker@test" },
  };
  const limit = softTimeLimitMs === undefined ? null : { softTimeLimitMs };
  const options = hidden ? { ...limit, hidden } : limit;
  const schedule = { id: "0199aaaa-0000-7000-8000-000000000002", name: "nightly", slot: at };
  return new RunContext(
    { summary, input, timeLimitMs, options, idempotencyKey: "key", schedule },
    {
      ...{ workerName: "worker@test", log, onLongTurn: () => undefined },
      onProgress: ({ latest: progress }) =>
        reports.push(`${progress!.current}/${progress!.total} ${progress!.message}`),
      ...{ transact: noDatabase, enqueue },
    },
  );
}

/** Whether a process runs under this pid. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
