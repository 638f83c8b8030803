import { loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { newId } from "../lib/uuid.ts";
import type { Autoscale } from "../task/records/worker-settings.ts";
import type { Pool } from "../task/definition/pool.ts";
import type { TaskState } from "../task/records/state.ts";
import type { WorkerLoad, WorkerRecord, WorkerStatus } from "../task/records/worker.ts";

export interface WorkerIdentity {
  readonly name: string;
  readonly hostname: string;
  readonly version: string;
  /** As configured; commands may change it. */
  readonly queues: readonly string[];
  readonly definitions: readonly string[];
  readonly pool: Pool;
  /** As configured; commands may change it. With `autoscale`, the concurrency at the start. */
  readonly concurrency: number;
  /** As configured; commands may change it. @default none */
  readonly autoscale?: Autoscale | null;
}

/** The settings in effect: the configuration with the runtime settings laid over it. */
export type EffectiveSettings = Pick<WorkerRecord, "queues" | "concurrency" | "autoscale">;

/** The incarnation that claims tasks. A worker that was declared LOST continues as a new one. */
export interface Incarnation {
  readonly id: string;
  readonly name: string;
}

/** The identity, the status and the figures of this worker. */
export class WorkerState {
  /** Identifies the incarnation. */
  id = newId();
  status: WorkerStatus = "ONLINE";
  processed = 0;
  succeeded = 0;
  failed = 0;
  retried = 0;
  settings: EffectiveSettings;
  #startedAt = new Date();
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();
  readonly #loop: ReturnType<typeof monitorEventLoopDelay> = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    readonly identity: WorkerIdentity,
    /** Returns the number of taken slots. */
    readonly busy: () => number,
  ) {
    const { queues, concurrency, autoscale = null } = identity;
    this.settings = { queues, concurrency, autoscale };
  }

  /** Becomes a new incarnation: the previous one was declared LOST. */
  renew(): void {
    this.id = newId();
    this.#startedAt = new Date();
  }

  /** Counts an attempt that ended in this state. */
  count(state: TaskState): void {
    this.processed += 1;
    if (state === "SUCCESS") this.succeeded += 1;
    if (state === "FAILURE") this.failed += 1;
    if (state === "RETRY") this.retried += 1;
  }

  watch(): void {
    this.#loop.enable();
  }

  unwatch(): void {
    this.#loop.disable();
  }

  /** Returns the current state as a row. The load is measured since the last call. */
  record(): WorkerRecord {
    return {
      ...this.identity,
      ...this.settings,
      id: this.id,
      pid: process.pid,
      status: this.status,
      startedAt: this.#startedAt,
      lastHeartbeatAt: new Date(),
      busy: this.busy(),
      processed: this.processed,
      succeeded: this.succeeded,
      failed: this.failed,
      retried: this.retried,
      load: this.#load(),
    };
  }

  #load(): WorkerLoad {
    const cpu = process.cpuUsage(this.#cpu);
    const now = performance.now();
    const percent = (cpu.user + cpu.system) / 10 / Math.max(1, now - this.#cpuAt);
    this.#cpu = process.cpuUsage();
    this.#cpuAt = now;
    // The histogram measures whole intervals: the time above its resolution is lag.
    const lagMs = Math.max(0, this.#loop.max / 1e6 - 20);
    this.#loop.reset();
    return {
      cpuPercent: round(percent),
      memoryBytes: process.memoryUsage.rss(),
      eventLoopLagMs: Number.isFinite(lagMs) ? round(lagMs) : 0,
      loadAverage: loadavg().map(round),
    };
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
