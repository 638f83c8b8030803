import type { EnqueueRequest } from "../../../engine/enqueue/prepare-task.ts";
import { type Issue, RefusedError, UnavailableError } from "../../../errors.ts";
import { INPUT_LIMITS, type Json, readJson } from "../../../lib/json/json.ts";
import type { EnqueuedTask, EnqueueOptions } from "../../../task/call/enqueue-options.ts";
import { describeError } from "../../attempt/task-error.ts";

/** How many enqueues of an attempt a child sends to its worker at once; more wait in the child. */
export const MAX_OPEN_ENQUEUES = 256;

/** The reply to an enqueue, in a form that a channel between processes or threads can carry. */
export type WireEnqueued =
  | ({ readonly kind: "enqueued" } & EnqueuedTask)
  | { readonly kind: "refused"; readonly issues: readonly [Issue, ...Issue[]]; readonly moreIssues: number }
  | ({ readonly kind: "unavailable" } & WireUnavailable)
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

type WireUnavailable = Pick<UnavailableError, "service" | "retryAfterMs" | "reason" | "message">;

/** A Date is not JSON: `runAt` is sent beside the options. */
interface WireRequest {
  readonly name: string;
  readonly args: Json;
  readonly options?: Omit<EnqueueOptions, "runAt">;
  readonly runAt?: string;
}

/**
 * Returns a request as JSON.
 *
 * @throws RefusedError for a value that JSON cannot hold, with the same path as in the worker
 */
export function requestToWire({ name, args = {}, options }: EnqueueRequest): string {
  const { runAt, ...rest } = options ?? {};
  const isTime = runAt instanceof Date;
  const given = Object.entries({ ...rest, ...(isTime ? {} : { runAt }) }).filter(
    ([, value]) => value !== undefined,
  );
  const issues: Issue[] = [];
  const request: WireRequest = {
    name,
    args: readPart("args", args, issues),
    options: readPart("options", Object.fromEntries(given), issues) as NonNullable<WireRequest["options"]>,
    // An invalid Date arrives as one, and the worker refuses it.
    ...(isTime ? { runAt: runAt.toJSON() ?? "" } : {}),
  };
  const [first, ...others] = issues;
  if (first) throw new RefusedError([first, ...others]);
  return JSON.stringify(request);
}

function readPart(key: string, value: unknown, issues: Issue[]): Json {
  const read = readJson(value, INPUT_LIMITS);
  if (!("problem" in read)) return read.value;
  const { path, message, hint } = read.problem;
  issues.push({ code: "INVALID_INPUT", path: ["0", key, ...path], message: `${message}.`, hint });
  return null;
}

/** Returns the request that a child sent; null for an invalid one. */
export function requestFromWire(text: string): EnqueueRequest | null {
  const raw = parse(text);
  if (!isObject(raw) || typeof raw["name"] !== "string" || raw["args"] === undefined) return null;
  const { name, args, options = {}, runAt } = raw;
  if (!isObject(options)) return null;
  const time = typeof runAt === "string" ? { runAt: new Date(runAt) } : {};
  return { name, args: args as Json, options: { ...options, ...time } };
}

/** Resolves with the reply to an enqueue. Never rejects. */
export async function enqueuedToWire(enqueuing: Promise<EnqueuedTask>): Promise<WireEnqueued> {
  try {
    const { id, deduplicated } = await enqueuing;
    return { kind: "enqueued", id, deduplicated };
  } catch (thrown) {
    // A middleware may have created the issues from values that no channel can carry.
    if (thrown instanceof RefusedError)
      return {
        kind: "refused",
        issues: JSON.parse(JSON.stringify(thrown.issues)) as typeof thrown.issues,
        moreIssues: thrown.moreIssues,
      };
    if (thrown instanceof UnavailableError) return { kind: "unavailable", ...unavailableToWire(thrown) };
    const { type, message } = describeError(thrown, true);
    return { kind: "failed", name: type, message };
  }
}

function unavailableToWire({ service, retryAfterMs, reason, message }: UnavailableError): WireUnavailable {
  return { service, retryAfterMs, reason, message };
}

/**
 * Returns or throws what `ctx.enqueue` does in the worker's own thread.
 *
 * @throws RefusedError, UnavailableError, Error
 */
export function enqueuedFromWire(answer: WireEnqueued): EnqueuedTask {
  if (answer.kind === "enqueued") return { id: answer.id, deduplicated: answer.deduplicated };
  if (answer.kind === "refused") throw new RefusedError(answer.issues, { moreIssues: answer.moreIssues });
  if (answer.kind === "unavailable") throw new UnavailableError(answer.service, answer);
  const error = new Error(answer.message);
  Object.defineProperty(error, "name", { value: answer.name, configurable: true });
  throw error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
