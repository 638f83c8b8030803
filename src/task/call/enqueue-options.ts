import { show } from "../../lib/quote.ts";
import type { Issue } from "../../errors.ts";
import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { INPUT_LIMITS, type JsonObject, readJson } from "../../lib/json.ts";
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

/** What a caller may say about one task. All of it is optional; what is not said comes from the definition. */
export interface EnqueueOptions {
  /** Where it waits. @default what its definition says, else what the app's `routes` say, else "default" */
  readonly queue?: string;
  /**
   * Name of the one worker that may run it, such as `worker@host`. While no such worker lives it waits; with `expiresIn` not for ever. Not
   * together with `queue`.
   */
  readonly worker?: string;
  readonly priority?: Priority;
  /** Not before this time. Not together with `delay`. */
  readonly runAt?: Date;
  /** Not before so much time has passed; up to 10 years. */
  readonly delay?: DurationInput;
  /** Give up if not started by then: the task becomes EXPIRED. Counted from now. */
  readonly expiresIn?: DurationInput;
  readonly maxAttempts?: number;
  /** Longest run of one attempt; up to 24 days. */
  readonly timeLimit?: DurationInput;
  /** After so long `ctx.signal` aborts with `SoftTimeLimitExceeded`; shorter than the time limit. */
  readonly softTimeLimit?: DurationInput;
  /** One unfinished task per key; `onConflict` says what becomes of a second call. @default the definition's `uniqueKey` of the input */
  readonly uniqueKey?: string;
  /**
   * What becomes of this call if an unfinished task has the key: `RETURN` that task; `REPLACE` its input and options with those of this call, which
   * a task that runs already does not hear of: it leaves the key to a new task; `REJECT` the call as a CONFLICT. @default "RETURN"
   */
  readonly onConflict?: UniqueConflict;
  /** Starts so long after the latest call with the same unique key, with the input of that call. */
  readonly debounce?: DurationInput;
  /** With `debounce`: starts no later than so long after the first of these calls. @default no bound */
  readonly maxWait?: DurationInput;
  /** Same key and input: the same task, for good. Other input is a CONFLICT. */
  readonly idempotencyKey?: string;
  readonly tags?: readonly string[];
  readonly meta?: JsonObject;
  /** How long it is kept once it has ended: `"1d"`, or by how it ended: `{ success: "1d", failure: "30d" }`. @default as the definition says */
  readonly resultsExpire?: ResultsExpire;
  /** Checks its output, and does not keep it. @default as the definition says */
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

/** What a task is told of one that it has enqueued. */
export interface EnqueuedTask {
  readonly id: string;
  /** Whether an earlier call with the same key made it. */
  readonly deduplicated: boolean;
}

/** Options that were read and found good. Delays are spans, so that the database's clock makes times of them. */
export interface ResolvedEnqueueOptions {
  /** Of a worker, where one was named. */
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

/** Reads options; adds an issue for each mistake, its path beginning with `path`. `now` only bounds how far `runAt` may lie ahead. */
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

  /** Without a compiler a mistyped option would do nothing, silently. */
  names(options: EnqueueOptions): void {
    for (const { name, remedy } of unknownNames(Object.keys(options), OPTION_NAMES))
      this.#refuse(name, "is no option of a call.", remedy);
  }

  chosen(options: EnqueueOptions): void {
    this.#queue(options.queue);
    if (options.worker !== undefined) this.#worker(options.worker, options.queue);
    if (options.priority !== undefined && !PRIORITIES.includes(options.priority)) {
      this.#refuse("priority", `must be one of ${PRIORITIES.join(", ")}; got ${show(options.priority)}.`);
    }
    if (options.onConflict !== undefined && !UNIQUE_CONFLICTS.includes(options.onConflict)) {
      const message = `must be one of ${UNIQUE_CONFLICTS.join(", ")}; got ${show(options.onConflict)}.`;
      this.#refuse("onConflict", message);
    }
    const { maxAttempts } = options;
    if (
      maxAttempts !== undefined &&
      (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS)
    ) {
      this.#refuse("maxAttempts", `must be an integer from 1 to ${MAX_ATTEMPTS}; got ${show(maxAttempts)}.`);
    }
  }

  #queue(queue: unknown): void {
    if (queue === undefined || (typeof queue === "string" && QUEUE_NAME.test(queue))) return;
    this.#refuse("queue", `must be ${QUEUE_NAME_RULE}; got ${show(queue)}.`);
  }

  #worker(worker: unknown, queue: string | undefined): void {
    if (typeof worker !== "string" || !WORKER_NAME.test(worker)) {
      this.#refuse("worker", `must be the name of a worker (${WORKER_NAME_RULE}); got ${show(worker)}.`);
    }
    if (queue !== undefined) {
      this.#refuse(
        "worker",
        "cannot be given together with queue: each worker has one of its own.",
        "Give one of the two.",
      );
    }
  }

  /** @param read durations of these options; null for one that is absent or was refused */
  times(
    { runAt, delay, debounce, expiresIn }: EnqueueOptions,
    read: { readonly now: Date; readonly waitMs: number | null; readonly expiresInMs: number | null },
  ): void {
    const starts = Object.entries({ runAt, delay, debounce }).filter(([, value]) => value !== undefined);
    for (const [key] of starts.slice(1))
      this.#refuse(key, `cannot be given together with ${starts[0]![0]}.`, "Give one of the two.");
    const waitMs = runAt === undefined ? read.waitMs : this.#ahead(runAt, read.now);
    const isDelayed = debounce !== undefined || delay !== undefined || runAt !== undefined;
    // A delay that was refused says nothing about the time of the start.
    const startsInMs = isDelayed ? waitMs : 0;
    if (startsInMs !== null && read.expiresInMs !== null && read.expiresInMs <= startsInMs) {
      this.#refuse(
        "expiresIn",
        `must end after the task is due; got ${show(expiresIn)}.`,
        "Give a longer span.",
      );
    }
  }

  /** Milliseconds until `runAt`, or null when it is no time. */
  #ahead(runAt: Date, now: Date): number | null {
    if (!(runAt instanceof Date && isTimestamp(runAt))) {
      this.#refuse("runAt", `must be ${TIMESTAMP_RULE}; got ${show(runAt)}.`, TIMESTAMP_HINT);
      return null;
    }
    const ahead = runAt.getTime() - now.getTime();
    if (ahead > FARTHEST_MS)
      this.#refuse("runAt", `must be within 10 years from now; got ${runAt.toISOString()}.`);
    return ahead;
  }

  duration(key: string, value: DurationInput | undefined, max: number): number | null {
    if (value === undefined) return null;
    const parsed = parseDuration(value);
    if (parsed === null) this.#refuse(key, `must be ${DURATION_FORMS}; got ${show(value)}.`);
    else if (parsed > max)
      this.#refuse(key, `must be at most ${Math.floor(max / DAY)} days; got ${show(value)}.`);
    else if (parsed === 0 && ABOVE_ZERO.has(key)) this.#refuse(key, "must be above zero.");
    return parsed;
  }

  key(name: string, value: string | undefined): string | null {
    if (value === undefined) return null;
    const isText = typeof value === "string" && value.length > 0 && value.length <= MAX_KEY_LENGTH;
    if (!isText || !isPlainText(value)) {
      this.#refuse(name, `must be 1 to ${MAX_KEY_LENGTH} characters of plain text; got ${show(value)}.`);
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
    if (read === null) this.#refuse("resultsExpire", `must be ${RESULTS_EXPIRE_FORMS}; got ${show(value)}.`);
    return read;
  }

  /** The database would refuse the statement for it, and with it the tasks of others that ride along. */
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
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);
}

/** What is wrong with the tags of a call or a definition, to follow their name; null when nothing is. */
export function findTagsProblem(tags: unknown): string | null {
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== "string"))
    return `must be a list of texts; got ${show(tags)}`;
  if (tags.length > MAX_TAGS) return `must be at most ${MAX_TAGS}; got ${tags.length}`;
  const bad = (tags as string[]).find(
    (tag) => tag.length === 0 || tag.length > MAX_TAG_LENGTH || !isPlainText(tag),
  );
  return bad === undefined
    ? null
    : `must each be 1 to ${MAX_TAG_LENGTH} characters of plain text; got ${show(bad)}`;
}
