import type { Logger } from "../lib/log.ts";

/** What a running task knows and may do: the second argument of `run`. */
export interface TaskContext<Input = unknown> {
  /** The task's id: the same in every attempt. */
  readonly id: string;
  readonly name: string;
  /** The input as the schema parsed it. */
  readonly input: Input;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly queue: string;
  readonly tags: readonly string[];
  /** What the caller gave as `idempotencyKey`, else the task's id: the same in every attempt, for guarding outside effects. */
  readonly idempotencyKey: string;
  readonly workerId: string;
  readonly workerName: string;
  readonly createdAt: Date;
  readonly startedAt: Date;
  /** Aborts when the task is cancelled, runs over its time limit, or its worker must leave; the reason says which. */
  readonly signal: AbortSignal;
  /** Records carry the task's id, name and attempt. */
  readonly log: Logger;
  /** Tells how far the work is. Cheap: the newest report is written a few times a second. */
  progress(current: number, total?: number, message?: string): void;
}
