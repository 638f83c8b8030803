import type { MessagePort } from "node:worker_threads";
import { SoftTimeLimitExceeded, TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../../../errors.ts";
import type { ClaimedTask } from "../../../store/tasks/task-store.ts";
import type { Revocation } from "../../../task/records/task.ts";
import type { WireEnqueued } from "./enqueue-wire.ts";

/** The data that a thread receives at its start. */
export interface ThreadData {
  readonly port: MessagePort;
}

/** A message of a worker to a child. */
export type ParentMessage =
  /** The first message: the files to load before the child sends `ready`. */
  | {
      readonly type: "load";
      readonly files: readonly string[];
      /** The configuration file that contains the middleware; null for none. */
      readonly configFile: string | null;
      readonly cwd: string;
    }
  | { readonly type: "run"; readonly run: number; readonly task: ClaimedTask; readonly workerName: string }
  | { readonly type: "abort"; readonly run: number; readonly reason: WireAbort }
  /** The reply to the `enqueue` message with this number. */
  | {
      readonly type: "enqueued";
      readonly run: number;
      readonly number: number;
      readonly answer: WireEnqueued;
    };

/** Why an attempt should end, in a form that a channel between processes or threads can carry. */
export interface WireAbort {
  readonly name: "TimeLimitExceeded" | "SoftTimeLimitExceeded" | "TaskCancelled" | "WorkerStopping";
  readonly limitMs: number;
  /** Who cancelled, and why. */
  readonly revocation?: Revocation;
}

const CHILD_LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type ChildLogLevel = (typeof CHILD_LOG_LEVELS)[number];

/** A message of a child to its worker. `run` numbers the attempts of this child. */
export type ChildMessage =
  /** The files are loaded; `problems` contains the reasons why some could not be. */
  | { readonly type: "ready"; readonly problems: readonly string[] }
  /** The attempt's code starts now. */
  | { readonly type: "started"; readonly run: number }
  /** `output` is JSON. */
  | { readonly type: "succeeded"; readonly run: number; readonly output: string }
  /** `failure` is a `Failure` as JSON. */
  | { readonly type: "failed"; readonly run: number; readonly failure: string }
  | {
      readonly type: "progress";
      readonly run: number;
      readonly current: number;
      readonly total: number | null;
      readonly message: string | null;
    }
  /** `payload` is JSON. */
  | { readonly type: "emit"; readonly run: number; readonly name: string; readonly payload: string }
  /**
   * Requests that the worker enqueues a task. `number` numbers these messages of the attempt;
   * `request` is JSON.
   */
  | { readonly type: "enqueue"; readonly run: number; readonly number: number; readonly request: string }
  | {
      readonly type: "log";
      /** The attempt that the record belongs to; null for none, or for one that has ended. */
      readonly run: number | null;
      readonly level: ChildLogLevel;
      readonly message: string;
      /** A JSON object. */
      readonly fields: string;
    };

export function abortToWire(reason: Error): WireAbort {
  if (reason instanceof TimeLimitExceeded) return { name: "TimeLimitExceeded", limitMs: reason.limitMs };
  if (reason instanceof SoftTimeLimitExceeded)
    return { name: "SoftTimeLimitExceeded", limitMs: reason.limitMs };
  if (reason instanceof TaskCancelled) {
    const { by, reason: why } = reason;
    return { name: "TaskCancelled", limitMs: 0, revocation: { by, reason: why } };
  }
  return { name: "WorkerStopping", limitMs: 0 };
}

/** Returns an error of the same class as the reason of `ctx.signal` in the worker's own thread. */
export function abortFromWire({ name, limitMs, revocation }: WireAbort): Error {
  if (name === "TimeLimitExceeded") return new TimeLimitExceeded(limitMs);
  if (name === "SoftTimeLimitExceeded") return new SoftTimeLimitExceeded(limitMs);
  return name === "TaskCancelled"
    ? new TaskCancelled(revocation?.by, revocation?.reason)
    : new WorkerStopping();
}

type Check = (value: unknown) => boolean;
const isString: Check = (value) => typeof value === "string";
const isStringOrNull: Check = (value) => value === null || typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isNumberOrNull: Check = (value) => value === null || typeof value === "number";

const FIELDS: Readonly<Record<ChildMessage["type"], Readonly<Record<string, Check>>>> = {
  ready: { problems: (value) => Array.isArray(value) && value.every(isString) },
  started: { run: isNumber },
  succeeded: { run: isNumber, output: isString },
  failed: { run: isNumber, failure: isString },
  progress: { run: isNumber, current: isNumber, total: isNumberOrNull, message: isStringOrNull },
  emit: { run: isNumber, name: isString, payload: isString },
  enqueue: { run: isNumber, number: isNumber, request: isString },
  log: {
    run: isNumberOrNull,
    level: (value) => CHILD_LOG_LEVELS.includes(value as ChildLogLevel),
    message: isString,
    fields: isString,
  },
};

/** Returns a valid message of a child, or null. A task's own code can write to the channel too. */
export function readChildMessage(value: unknown): ChildMessage | null {
  if (typeof value !== "object" || value === null) return null;
  const message = value as Readonly<Record<string, unknown>>;
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) return null;
  const fields = FIELDS[type as ChildMessage["type"]];
  return Object.entries(fields).every(([key, check]) => check(message[key])) ? (value as ChildMessage) : null;
}
