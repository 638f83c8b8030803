import { show } from "../../lib/quote.ts";
import type { Issue } from "../../errors.ts";
import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { INPUT_LIMITS, type JsonObject, readJson } from "../../lib/json/json.ts";
import { isTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../lib/timestamp.ts";
import {
  QUEUE_NAME,
  QUEUE_NAME_RULE,
  WORKER_NAME,
  WORKER_NAME_RULE,
  workerQueue,
} from "../definition/names.ts";
import { unknownNames } from "../../lib/suggestion.ts";
import { PRIORITIES, type Priority } from "../definition/priority.ts";
import {
  type KeepTimes,
  readResultsExpire,
  RESULTS_EXPIRE_FORMS,
  type ResultsExpire,
} from "../records/results.ts";
import { MAX_ATTEMPTS } from "../retry/retry.ts";
import { MAX_TIME_LIMIT_MS } from "../limits/time-limits.ts";
import { UNIQUE_CONFLICTS, type UniqueConflict } from "./unique.ts";

/** Options of one task. All are optional; the definition has the defaults. */
export interface EnqueueOptions {
  /**
   * Queue. @default that of the definition, else decided by the `routes` of the app, else "default"
   */
  readonly queue?: string;
  /**
   * Name of the only worker that may run the task, such as `worker@host`. The task waits until such
   * a worker is live; set `expiresIn` to bound that. Excludes `queue`.
   */
  readonly worker?: string;
  readonly priority?: Priority;
  /** Earliest start. Excludes `delay`. */
  readonly runAt?: Date;
  /** Delay of the start, at most 10 years. */
  readonly delay?: DurationInput;
  /** Time from now until which the task must start; otherwise it becomes EXPIRED. */
  readonly expiresIn?: DurationInput;
  readonly maxAttempts?: number;
  /** Time limit of one attempt, at most 24 days. */
  readonly timeLimit?: DurationInput;
  /**
   * Soft time limit of one attempt, below `timeLimit`: `ctx.signal` aborts with
   * `SoftTimeLimitExceeded`.
   */
  readonly softTimeLimit?: DurationInput;
  /**
   * Unique key: at most one unfinished task has it. See `onConflict`.
   * @default the `uniqueKey` of the definition
   */
  readonly uniqueKey?: string;
  /**
   * What this call does if an unfinished task has the unique key. `RETURN` returns that task.
   * `REPLACE` gives it the input and options of this call; if it runs already, it releases the key
   * to a new task. `REJECT` refuses the call with CONFLICT.
   * @default "RETURN"
   */
  readonly onConflict?: UniqueConflict;
  /**
   * Delays the start until this long after the latest call with the same unique key. The task gets
   * the input of that call.
   */
  readonly debounce?: DurationInput;
  /** Longest delay by `debounce` after the first call. @default none */
  readonly maxWait?: DurationInput;
  /**
   * A second call with the same key and input returns the same task, as long as that is kept.
   * Another input is refused with CONFLICT.
   */
  readonly idempotencyKey?: string;
  readonly tags?: readonly string[];
  readonly meta?: JsonObject;
  /**
   * How long the task is kept after its end: `"1d"`, or by state:
   * `{ success: "1d", failure: "30d" }`.
   * @default that of the definition
   */
  readonly resultsExpire?: ResultsExpire;
  /** Whether to check the output but not store it. @default that of the definition */
  readonly ignoreResult?: boolean;
}

// The compiler keeps this list complete.
const OPTIONS: Readonly<Record<keyof EnqueueOptions, true>> = {
  queue: true,
  worker: true,
  priority: true,
  runAt: true,
  delay: true,
  expiresIn: true,
  maxAttempts: true,
  timeLimit: true,
  softTimeLimit: true,
  uniqueKey: true,
  onConflict: true,
  debounce: true,
  maxWait: true,
  idempotencyKey: true,
  tags: true,
  meta: true,
  resultsExpire: true,
  ignoreResult: true,
};

const OPTION_NAMES = Object.keys(OPTIONS);

/** The result of `ctx.enqueue`. */
export interface EnqueuedTask {
  readonly id: string;
  /** Whether an earlier call with the same key created the task. */
  readonly deduplicated: boolean;
}

/** Checked options. Delays are durations: the clock of the database makes timestamps of them. */
export interface ResolvedEnqueueOptions {
  /** Queue of the worker, if one is named. */
  readonly queue?: string;
  readonly priority?: Priority;
  readonly runAt: Date | null;
  readonly delayMs: number | null;
  readonly expiresInMs: number | null;
  readonly maxAttempts?: number;
  readonly timeLimitMs: number | null;
  readonly softTimeLimitMs: number | null;
  readonly uniqueKey: string | null;
  readonly onConflict: UniqueConflict | null;
  readonly debounceMs: number | null;
  readonly maxWaitMs: number | null;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly meta: JsonObject | null;
  readonly keepMs: Partial<KeepTimes> | null;
  readonly ignoreResult: boolean | null;
}

const FARTHEST_MS = 3_653 * DAY;
export const MAX_KEY_LENGTH = 255;
const ABOVE_ZERO: ReadonlySet<string> = new Set(["timeLimit", "softTimeLimit", "debounce", "maxWait"]);
const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 128;
const NO_OPTIONS: ResolvedEnqueueOptions = {
  runAt: null,
  delayMs: null,
  expiresInMs: null,
  timeLimitMs: null,
  softTimeLimitMs: null,
  uniqueKey: null,
  onConflict: null,
  debounceMs: null,
  maxWaitMs: null,
  idempotencyKey: null,
  tags: [],
  meta: null,
  keepMs: null,
  ignoreResult: null,
};

/**
 * Reads options and adds an issue for each mistake.
 *
 * @param path prefix of the paths of issues
 * @param now bounds how far `runAt` may lie ahead
 */
export function resolveEnqueueOptions(
  options: EnqueueOptions | undefined,
  path: readonly string[],
  now: Date,
  issues: Issue[],
): ResolvedEnqueueOptions {
  if (options === undefined) return NO_OPTIONS;
  const check = new OptionsCheck(path, issues);
  check.names(options);
  check.chosen(options);
  const delayMs = check.duration("delay", options.delay, FARTHEST_MS);
  const debounceMs = check.duration("debounce", options.debounce, FARTHEST_MS);
  const expiresInMs = check.duration("expiresIn", options.expiresIn, FARTHEST_MS);
  check.times(options, { now, waitMs: debounceMs ?? delayMs, expiresInMs });
  return {
    ...queueOf(options),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts }),
    runAt: options.runAt ?? null,
    delayMs,
    expiresInMs,
    timeLimitMs: check.duration("timeLimit", options.timeLimit, MAX_TIME_LIMIT_MS),
    softTimeLimitMs: check.duration("softTimeLimit", options.softTimeLimit, MAX_TIME_LIMIT_MS),
    uniqueKey: check.key("uniqueKey", options.uniqueKey),
    onConflict: options.onConflict ?? null,
    debounceMs,
    maxWaitMs: check.duration("maxWait", options.maxWait, FARTHEST_MS),
    idempotencyKey: check.key("idempotencyKey", options.idempotencyKey),
    tags: check.tags(options.tags),
    meta: check.meta(options.meta),
    keepMs: check.resultsExpire(options.resultsExpire),
    ignoreResult: options.ignoreResult ?? null,
  };
}

function queueOf({ queue, worker }: EnqueueOptions): { readonly queue?: string } {
  if (worker !== undefined) return { queue: workerQueue(worker) };
  return queue === undefined ? {} : { queue };
}

class OptionsCheck {
  constructor(
    private readonly path: readonly string[],
    private readonly issues: Issue[],
  ) {}

  /** Refuses unknown options: without a compiler, a mistyped option would have no effect. */
  names(options: EnqueueOptions): void {
    for (const { name, remedy } of unknownNames(Object.keys(options), OPTION_NAMES))
      this.#refuse(name, "is not an option of a call.", remedy);
  }

  chosen(options: EnqueueOptions): void {
    this.#queue(options.queue);
    if (options.worker !== undefined) this.#worker(options.worker, options.queue);
    if (options.priority !== undefined && !PRIORITIES.includes(options.priority)) {
      this.#refuse("priority", `expected one of ${PRIORITIES.join(", ")}, got ${show(options.priority)}.`);
    }
    if (options.onConflict !== undefined && !UNIQUE_CONFLICTS.includes(options.onConflict)) {
      const message = `expected one of ${UNIQUE_CONFLICTS.join(", ")}, got ${show(options.onConflict)}.`;
      this.#refuse("onConflict", message);
    }
    const { maxAttempts } = options;
    if (
      maxAttempts !== undefined &&
      (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS)
    ) {
      this.#refuse("maxAttempts", `expected an integer from 1 to ${MAX_ATTEMPTS}, got ${show(maxAttempts)}.`);
    }
  }

  #queue(queue: unknown): void {
    if (queue === undefined || (typeof queue === "string" && QUEUE_NAME.test(queue))) return;
    this.#refuse("queue", `expected ${QUEUE_NAME_RULE}, got ${show(queue)}.`);
  }

  #worker(worker: unknown, queue: string | undefined): void {
    if (typeof worker !== "string" || !WORKER_NAME.test(worker)) {
      this.#refuse("worker", `expected the name of a worker (${WORKER_NAME_RULE}), got ${show(worker)}.`);
    }
    if (queue !== undefined) {
      this.#refuse("worker", "excludes queue: each worker has its own queue.", "Give one of the two.");
    }
  }

  /** @param read durations of these options; null if absent or refused */
  times(
    { runAt, delay, debounce, expiresIn }: EnqueueOptions,
    read: { readonly now: Date; readonly waitMs: number | null; readonly expiresInMs: number | null },
  ): void {
    const starts = Object.entries({ runAt, delay, debounce }).filter(([, value]) => value !== undefined);
    for (const [key] of starts.slice(1))
      this.#refuse(key, `cannot be given together with ${starts[0]![0]}.`, "Give one of the two.");
    const waitMs = runAt === undefined ? read.waitMs : this.#ahead(runAt, read.now);
    const isDelayed = debounce !== undefined || delay !== undefined || runAt !== undefined;
    // A refused delay does not determine the start.
    const startsInMs = isDelayed ? waitMs : 0;
    if (startsInMs !== null && read.expiresInMs !== null && read.expiresInMs <= startsInMs) {
      this.#refuse(
        "expiresIn",
        `expected an end after the task is due, got ${show(expiresIn)}.`,
        "Give a longer duration.",
      );
    }
  }

  /** Returns the milliseconds until `runAt`; null if it is not a time. */
  #ahead(runAt: Date, now: Date): number | null {
    if (!(runAt instanceof Date && isTimestamp(runAt))) {
      this.#refuse("runAt", `expected ${TIMESTAMP_RULE}, got ${show(runAt)}.`, TIMESTAMP_HINT);
      return null;
    }
    const ahead = runAt.getTime() - now.getTime();
    if (ahead > FARTHEST_MS)
      this.#refuse("runAt", `expected a time within 10 years from now, got ${runAt.toISOString()}.`);
    return ahead;
  }

  duration(key: string, value: DurationInput | undefined, max: number): number | null {
    if (value === undefined) return null;
    const parsed = parseDuration(value);
    if (parsed === null) this.#refuse(key, `expected ${DURATION_FORMS}, got ${show(value)}.`);
    else if (parsed > max)
      this.#refuse(key, `expected at most ${Math.floor(max / DAY)} days, got ${show(value)}.`);
    else if (parsed === 0 && ABOVE_ZERO.has(key)) this.#refuse(key, "expected a duration above zero, got 0.");
    return parsed;
  }

  key(name: string, value: string | undefined): string | null {
    if (value === undefined) return null;
    const isText = typeof value === "string" && value.length > 0 && value.length <= MAX_KEY_LENGTH;
    if (!isText || !isPlainText(value)) {
      this.#refuse(name, `expected 1 to ${MAX_KEY_LENGTH} characters of plain text, got ${show(value)}.`);
    }
    return value;
  }

  tags(tags: readonly string[] | undefined): readonly string[] {
    if (tags === undefined) return [];
    const problem = findTagsProblem(tags);
    if (problem === null) return tags;
    this.#refuse("tags", `${problem}.`);
    return [];
  }

  resultsExpire(value: ResultsExpire | undefined): Partial<KeepTimes> | null {
    if (value === undefined) return null;
    const read = readResultsExpire(value);
    if (read === null) this.#refuse("resultsExpire", `expected ${RESULTS_EXPIRE_FORMS}, got ${show(value)}.`);
    return read;
  }

  /** The database would refuse the statement, and with it the tasks of others in the same batch. */
  meta(meta: JsonObject | undefined): JsonObject | null {
    if (meta === undefined) return null;
    const read = readJson(meta, INPUT_LIMITS);
    if (!("problem" in read)) return read.value as JsonObject;
    const { path, message, hint } = read.problem;
    this.#refuse(["meta", ...path], `${message}.`, hint);
    return null;
  }

  #refuse(key: string | readonly string[], message: string, hint?: string): void {
    this.issues.push({
      code: "INVALID_INPUT",
      path: [...this.path, ...[key].flat()],
      message,
      ...(hint ? { hint } : {}),
    });
  }
}

export function isPlainText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- it searches for control characters
  return text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);
}

/** Returns what is wrong with tags, to follow their name; null if nothing. */
export function findTagsProblem(tags: unknown): string | null {
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== "string"))
    return `expected an array of strings, got ${show(tags)}`;
  if (tags.length > MAX_TAGS) return `expected at most ${MAX_TAGS}, got ${tags.length}`;
  const bad = (tags as string[]).find(
    (tag) => tag.length === 0 || tag.length > MAX_TAG_LENGTH || !isPlainText(tag),
  );
  return bad === undefined
    ? null
    : `expected 1 to ${MAX_TAG_LENGTH} characters of plain text in each, got ${show(bad)}`;
}
