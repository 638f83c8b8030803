import type { Autoscale } from "./worker-settings.ts";
import type { Pool } from "../definition/pool.ts";

export const WORKER_STATUSES = ["ONLINE", "DRAINING", "PAUSED", "LOST", "OFFLINE"] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** Statuses of a worker that may claim and finish tasks. */
export const LIVE_STATUSES = ["ONLINE", "DRAINING", "PAUSED"] as const satisfies readonly WorkerStatus[];

export interface WorkerLoad {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly eventLoopLagMs: number;
  /** 1, 5 and 15 minutes. */
  readonly loadAverage: readonly number[];
}

interface WorkerCounters {
  readonly processed: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly retried: number;
}

/** One life of a worker process, as the database and the live heartbeats know it. */
export interface WorkerRecord extends WorkerCounters {
  /** The incarnation: a UUID made at start. */
  readonly id: string;
  /** For people, e.g. `worker@host`. Several incarnations may have had it. */
  readonly name: string;
  readonly hostname: string;
  readonly pid: number;
  readonly version: string;
  readonly status: WorkerStatus;
  readonly startedAt: Date;
  readonly lastHeartbeatAt: Date;
  readonly queues: readonly string[];
  /** Names of the task definitions that it can run. */
  readonly definitions: readonly string[];
  /** Where it runs the attempts of definitions that do not say. */
  readonly pool: Pool;
  readonly concurrency: number;
  readonly busy: number;
  /** Between which bounds `concurrency` moves by itself; null when it does not. */
  readonly autoscale: Autoscale | null;
  readonly load: WorkerLoad;
}
