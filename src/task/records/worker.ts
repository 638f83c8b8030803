import type { Autoscale } from "./worker-settings.ts";
import type { Pool } from "../definition/pool.ts";

export const WORKER_STATUSES = ["ONLINE", "DRAINING", "PAUSED", "LOST", "OFFLINE"] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** Statuses of workers that may claim and finish tasks. */
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

/** One incarnation of a worker, as known from the database and live heartbeats. */
export interface WorkerRecord extends WorkerCounters {
  /** Id of the incarnation: a UUID made at its start. */
  readonly id: string;
  /** Name of the worker, such as `worker@host`. Several instances may have had it. */
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
  /** Pool for definitions without `pool`. */
  readonly pool: Pool;
  readonly concurrency: number;
  readonly busy: number;
  /** Bounds of the automatic concurrency; null if it is fixed. */
  readonly autoscale: Autoscale | null;
  readonly load: WorkerLoad;
}
