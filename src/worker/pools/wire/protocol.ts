import { SoftTimeLimitExceeded, TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../../../errors.ts";
import type { ClaimedTask } from "../../../store/tasks/task-store.ts";
import type { Revocation } from "../../../task/records/task.ts";
import type { WireEnqueued } from "./enqueue-wire.ts";

/** What a worker says to a child. */
export type ParentMessage =
  /** The first message: what to load before it says `ready`. */
  | {
      readonly type: "load";
      readonly files: readonly string[];
      /** The configuration file whose middleware holds; null without any. */
      readonly configFile: string | null;
      readonly cwd: string;
    }
  | { readonly type: "run"; readonly run: number; readonly task: ClaimedTask; readonly workerName: string }
  | { readonly type: "abort"; readonly run: number; readonly reason: WireAbort }
  /** The answer to the message `enqueue` of that number. */
  | {
      readonly type: "enqueued";
      readonly run: number;
      readonly number: number;
      readonly answer: WireEnqueued;
    };

/** Why an attempt should end, in a form that a channel between processes or threads carries. */
export interface WireAbort {
  readonly name: "TimeLimitExceeded" | "SoftTimeLimitExceeded" | "TaskCancelled" | "WorkerStopping";
  readonly limitMs: number;
  /** Of a cancel: who, and why. */
  readonly revocation?: Revocation;
}

const CHILD_LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type ChildLogLevel = (typeof CHILD_LOG_LEVELS)[number];

/** What a child says to its worker. `run` counts the attempts of this child. */
export type ChildMessage =
  /** All files were looked at; `problems` says why some cannot be used. */
  | { readonly type: "ready"; readonly problems: readonly string[] }
  /** The attempt's code begins now. */
  | { readonly type: "begun"; readonly run: number }
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
  /** Asks the worker to enqueue a task. `number` counts such messages of the attempt; `request` is JSON. */
  | { readonly type: "enqueue"; readonly run: number; readonly number: number; readonly request: string }
  | {
      readonly type: "log";
      /** The attempt that it belongs to; null for one of none, or of one that has ended. */
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

/** The same class that `ctx.signal` has as its reason in the worker's own thread. */
export function abortFromWire({ name, limitMs, revocation }: WireAbort): Error {
  if (name === "TimeLimitExceeded") return new TimeLimitExceeded(limitMs);
  if (name === "SoftTimeLimitExceeded") return new SoftTimeLimitExceeded(limitMs);
  return name === "TaskCancelled"
    ? new TaskCancelled(revocation?.by, revocation?.reason)
    : new WorkerStopping();
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isNumberOrNull: Check = (value) => value === null || typeof value === "number";

const SHAPES: Readonly<Record<ChildMessage["type"], Readonly<Record<string, Check>>>> = {
  ready: { problems: (value) => Array.isArray(value) && value.every(isText) },
  begun: { run: isNumber },
  succeeded: { run: isNumber, output: isText },
  failed: { run: isNumber, failure: isText },
  progress: { run: isNumber, current: isNumber, total: isNumberOrNull, message: isTextOrNull },
  emit: { run: isNumber, name: isText, payload: isText },
  enqueue: { run: isNumber, number: isNumber, request: isText },
  log: {
    run: isNumberOrNull,
    level: (value) => CHILD_LOG_LEVELS.includes(value as ChildLogLevel),
    message: isText,
    fields: isText,
  },
};

/** A message of a child; null for anything else: a task's own code can reach the channel too, and may send what it likes. */
export function readChildMessage(value: unknown): ChildMessage | null {
  if (typeof value !== "object" || value === null) return null;
  const message = value as Readonly<Record<string, unknown>>;
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(SHAPES, type)) return null;
  const shape = SHAPES[type as ChildMessage["type"]];
  return Object.entries(shape).every(([key, check]) => check(message[key])) ? (value as ChildMessage) : null;
}
