import { FatalError, TaskCancelled, TimeLimitExceeded, toError, WorkerStopping } from "../errors.ts";
import { findJsonProblem, findSizeProblem, type Json, OUTPUT_LIMITS } from "../lib/json.ts";
import type { Outcome } from "../store/task-store.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import { parseWith } from "../task/json-schema.ts";
import { retryDelay } from "../task/retry.ts";
import type { RunContext } from "./run-context.ts";
import { describeError } from "./task-error.ts";

/** How an attempt went, before it is known what follows from it. */
type Settled =
  | { readonly ok: true; readonly output: Json }
  | { readonly ok: false; readonly thrown: unknown };

export interface RunnerOptions {
  /** How long an aborted attempt may take to end by itself, in milliseconds; then its outcome is recorded without it. @default 5_000 */
  readonly abortGraceMs?: number;
  /** How long ended tasks are kept, in milliseconds, where the definition does not say. */
  readonly keepMs: number;
}

/** A recorded reason that no retry can mend: the input or output does not fit the definition. */
class MisfitError extends FatalError {
  override readonly name = "MisfitError";
}

/** Runs one attempt in this process: parse → run under limits → check the output → classify. Never throws. */
export class Runner {
  constructor(private readonly options: RunnerOptions) {}

  async run(definition: AnyTaskDefinition, context: RunContext): Promise<Outcome> {
    const settled = await this.#settle(definition, context);
    return this.#classify(definition, context, settled);
  }

  async #settle(definition: AnyTaskDefinition, context: RunContext): Promise<Settled> {
    const limitMs = context.task.timeLimitMs;
    const timer =
      limitMs === null ? null : setTimeout(() => context.abort(new TimeLimitExceeded(limitMs)), limitMs);
    try {
      const work = attempt(definition, context);
      return await Promise.race([work, this.#givenUp(context)]);
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  /** Settles only some time after an abort that the task's code did not heed: that code goes on, but nobody waits for it. */
  #givenUp(context: RunContext): Promise<Settled> {
    return new Promise((resolve) => {
      context.onAbort((reason) => {
        const giveUp = (): void => resolve({ ok: false, thrown: reason });
        const grace = reason instanceof WorkerStopping ? 1_000 : (this.options.abortGraceMs ?? 5_000);
        setTimeout(giveUp, grace).unref();
      });
    });
  }

  #classify(definition: AnyTaskDefinition, context: RunContext, settled: Settled): Outcome {
    const { task, abortReason } = context;
    const keepMs = definition.resultsExpireMs ?? this.options.keepMs;
    const base = {
      taskId: task.id,
      workerId: context.workerId,
      version: task.version,
      progress: context.latestProgress,
    };
    if (settled.ok && !(abortReason instanceof TimeLimitExceeded)) {
      return { ...base, kind: "succeeded", output: settled.output, keepMs };
    }
    if (abortReason instanceof TaskCancelled) return { ...base, kind: "revoked", keepMs };
    if (abortReason instanceof WorkerStopping) return { ...base, kind: "givenBack" };
    const thrown = abortReason ?? (settled.ok ? null : settled.thrown);
    const retryable = !(thrown instanceof FatalError) && !isFatalOfAnotherCopy(thrown);
    const error = describeError(thrown, retryable);
    if (!retryable || task.attempt >= task.maxAttempts) return { ...base, kind: "failed", error, keepMs };
    return { ...base, kind: "retry", error, delayMs: retryDelay(definition.retry, task.attempt), keepMs };
  }
}

async function attempt(definition: AnyTaskDefinition, context: RunContext): Promise<Settled> {
  try {
    context.input = await parseInput(definition, context.task.input);
    const output = await definition.run(context.input as never, context as never);
    return { ok: true, output: await checkOutput(definition, output) };
  } catch (thrown) {
    return { ok: false, thrown };
  }
}

/** Checked at enqueue too; the definition may have changed since. */
async function parseInput(definition: AnyTaskDefinition, input: Json): Promise<unknown> {
  if (!definition.inputSchema) return input;
  const parsed = await parseWith(definition.inputSchema, input, ["args"]);
  if (parsed.ok) return parsed.value;
  throw new MisfitError(`The input does not fit the definition: ${listIssues(parsed.issues)}`);
}

async function checkOutput(definition: AnyTaskDefinition, output: unknown): Promise<Json> {
  let value = output;
  if (definition.outputSchema) {
    const parsed = await parseWith(definition.outputSchema, output, ["output"]);
    if (!parsed.ok)
      throw new MisfitError(`The output does not fit the definition: ${listIssues(parsed.issues)}`);
    value = parsed.value;
  }
  return toStorableJson(value);
}

/** What JSON makes of the value, as `JSON.stringify` does: Dates become texts, undefined becomes null. */
function toStorableJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new MisfitError(`The output is not JSON: ${toError(error).message}`);
  }
  if (text === undefined) throw new MisfitError(`The output is a ${typeof value}, which JSON cannot hold.`);
  const plain = JSON.parse(text) as Json;
  const problem = findSizeProblem(text, OUTPUT_LIMITS) ?? findJsonProblem(plain, OUTPUT_LIMITS);
  if (problem)
    throw new MisfitError(
      `The output${problem.path.map((key) => `.${key}`).join("")} ${problem.message}. ${problem.hint}`,
    );
  return plain;
}

function listIssues(
  issues: readonly { readonly path: readonly string[]; readonly message: string }[],
): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    .join("; ");
}

/** A task file may have loaded its own copy of this package. */
function isFatalOfAnotherCopy(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "FatalError";
}
