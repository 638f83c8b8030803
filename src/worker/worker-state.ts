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
  /** As configured; commands may change it. With `autoscale`, what it begins with. */
  readonly concurrency: number;
  /** As configured; commands may change it. @default none */
  readonly autoscale?: Autoscale | null;
}

/** What of a worker may change while it runs. */
export type WorkerForm = Pick<WorkerRecord, "queues" | "concurrency" | "autoscale">;

/** What a worker knows of itself: who it is, how it does. */
export class WorkerState {
  id = newId();
  status: WorkerStatus = "ONLINE";
  processed = 0;
  succeeded = 0;
  failed = 0;
  retried = 0;
  form: WorkerForm;
  #startedAt = new Date();
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();
  readonly #loop: ReturnType<typeof monitorEventLoopDelay> = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    readonly identity: WorkerIdentity,
    /** Slots that are taken now. */
    readonly busy: () => number,
  ) {
    const { queues, concurrency, autoscale = null } = identity;
    this.form = { queues, concurrency, autoscale };
  }

  /** Begins a new life under a new incarnation: the old one was given up. */
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

  /** The present state; load is measured since the last call. */
  record(): WorkerRecord {
    return {
      ...this.identity,
      ...this.form,
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
    const [cpu, now] = [process.cpuUsage(this.#cpu), performance.now()];
    const percent = (cpu.user + cpu.system) / 10 / Math.max(1, now - this.#cpuAt);
    [this.#cpu, this.#cpuAt] = [process.cpuUsage(), now];
    // The histogram measures whole intervals: what is above its resolution is lag.
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
