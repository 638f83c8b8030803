import { show } from "../../../lib/quote.ts";
import type {
  EnqueueOptions as EnqueueOptionsInput,
  Priority,
  UniqueConflict,
} from "../../client/generated/graphql.ts";
import { describeIssue, type Issue } from "../../../errors.ts";
import { parseDuration, DURATION_FORMS } from "../../../lib/duration.ts";
import { parseTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../../lib/timestamp.ts";
import { resolveEnqueueOptions } from "../../../task/call/enqueue-options.ts";
import { parseSpans, type ResultsExpire } from "../../../task/records/results.ts";
import type { CommandContext } from "../../context.ts";
import { flagOf } from "../../refusal.ts";
import { CommandError, EXIT } from "../../failure.ts";

/**
 * The enqueue options in the flags of `lovage call`, checked as the server will.
 *
 * @throws CommandError (2) naming every invalid flag
 */
export function readEnqueueOptions(context: CommandContext): EnqueueOptionsInput {
  const issues: Issue[] = [];
  const runAt = readTime(context.text("runAt"), issues);
  const tags = context.options["tag"];
  const options = {
    ...option("queue", context.text("queue")),
    ...option("worker", context.text("worker")),
    ...option("priority", context.text("priority")?.toUpperCase() as Priority | undefined),
    ...option("delay", context.text("delay")),
    ...option("uniqueKey", context.text("uniqueKey")),
    ...option("onConflict", context.text("onConflict")?.toUpperCase() as UniqueConflict | undefined),
    ...option("debounce", context.text("debounce")),
    ...option("maxWait", context.text("maxWait")),
    ...option("expiresIn", context.text("expiresIn")),
    ...option("idempotencyKey", context.text("idempotencyKey")),
    ...option("maxAttempts", readNumber(context.text("maxAttempts"))),
    ...option("ignoreResult", context.options["ignoreResult"] === true ? true : null),
    ...option("timeLimit", context.text("timeLimit")),
    ...option("softTimeLimit", context.text("softTimeLimit")),
    ...(Array.isArray(tags) ? { tags: tags as string[] } : {}),
  };
  const resultsExpire = parseSpans(context.text("resultsExpire") ?? undefined) as ResultsExpire | undefined;
  const given = { ...options, ...option("runAt", runAt), ...option("resultsExpire", resultsExpire) };
  resolveEnqueueOptions(given, [], new Date(), issues);
  if (issues.length > 0) {
    const lines = issues.map((issue) => describeIssue({ ...issue, path: issue.path.map(flagOf) }));
    throw new CommandError(EXIT.usage, "USAGE", lines.join("\n"));
  }
  return {
    ...options,
    ...option("runAt", runAt?.toISOString()),
    ...option("resultsExpire", typeof resultsExpire === "string" ? { all: resultsExpire } : resultsExpire),
  } as EnqueueOptionsInput;
}

/**
 * `--timeout` in milliseconds.
 *
 * @throws CommandError (2)
 */
export function readTimeout(context: CommandContext): number {
  const text = context.text("timeout") ?? "0";
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== null && timeoutMs < 2 ** 31) return timeoutMs;
  throw new CommandError(EXIT.usage, "USAGE", `--timeout: expected ${DURATION_FORMS}, got ${show(text)}.`);
}

function readTime(text: string | null, issues: Issue[]): Date | undefined {
  if (text === null) return undefined;
  const time = parseTimestamp(text);
  if (time !== null) return time;
  const message = `expected ${TIMESTAMP_RULE}, got ${show(text)}.`;
  issues.push({ code: "INVALID_INPUT", path: ["runAt"], message, hint: TIMESTAMP_HINT });
  return undefined;
}

/** A number; NaN for anything else, which the check then refuses. */
function readNumber(text: string | null): number | undefined {
  return text === null ? undefined : Number(text.trim() === "" ? Number.NaN : text);
}

function option<K extends string, V>(key: K, value: V | null | undefined): { readonly [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
