import { toError, WorkerStopping } from "../../errors.ts";
import { Vault } from "../../task/sensitive/vault.ts";
import { type Json, OUTPUT_LIMITS, pathText, readJson } from "../../lib/json.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { Schema } from "../../task/definition/schema.ts";
import { type Parsed, parseWith } from "../../task/definition/json-schema.ts";
import { limitKeyOf, type TaskLimits } from "../../task/limits/limits.ts";
import type { Keep } from "../../task/records/results.ts";
import { type SecretKeys, secretKeysOf } from "../../task/sensitive/secret-keys.ts";
import { classify } from "./classify.ts";
import { type Failure, failureOf, MisfitError } from "./failure.ts";
import { startTimeLimits } from "./limit-timers.ts";
import type { RunContext } from "./run-context.ts";
import { runWithin } from "./run-middleware.ts";
import { logFieldsOf } from "./task-error.ts";

/** How an attempt went, before it is known what follows from it. */
export type Settled =
  | { readonly ok: true; readonly output: Json }
  /** Its own code ended it. */
  | { readonly ok: false; readonly failure: Failure }
  /** Something else did. */
  | { readonly ok: false; readonly thrown: unknown };

/** Told how an attempt ended. */
export type OnSettled = (context: RunContext, outcome: Outcome | null) => void;

/** Runs an attempt elsewhere than in this thread. Aborts it by the context; resolves when nobody waits for it any more. Never throws. */
export interface Executor {
  run(context: RunContext): Promise<Settled>;
}

export interface RunnerOptions {
  /** How long an aborted attempt may take to end by itself, in milliseconds; then its outcome is recorded without it. @default 5_000 */
  readonly abortGraceMs?: number;
  /** How long ended tasks are kept, in milliseconds, where the definition does not say. */
  readonly keepMs: Keep;
  /** Where attempts of a definition run; null for this very thread. @default all run in this thread */
  readonly elsewhere?: ((definition: AnyTaskDefinition) => Executor | null) | undefined;
  /** Opens the sensitive fields of inputs. @default one without keys */
  readonly vault?: Pick<Vault, "hide" | "reveal" | "digest"> | undefined;
}

type RetryOutcome = Extract<Outcome, { readonly kind: "retry" }>;

/** A turn of the event loop that deserves a name, should it turn out to have been too long. */
const LONG_TURN_MS = 250;

/** Runs one attempt, in this thread or in a child: parse → run under limits → check the output → classify. Never throws. */
export class Runner {
  readonly #vault: Pick<Vault, "hide" | "reveal" | "digest">;

  constructor(private readonly options: RunnerOptions) {
    this.#vault = options.vault ?? new Vault(null);
  }

  /**
   * Calls back once, with the outcome to record; with null when the task's own transaction recorded it. No promise, since
   * this is the path of every task: what lives until one is settled is what the garbage collector copies.
   */
  run(definition: AnyTaskDefinition, context: RunContext, onSettled: OnSettled): void {
    const settle = (settled: Settled): void =>
      onSettled(context, context.recorded === null ? this.#outcomeOf(definition, context, settled) : null);
    const unreadable = context.task.options?.hidden ? this.#reveal(context) : null;
    // A child gets the whole input, and no keys.
    const elsewhere = this.options.elsewhere?.(definition) ?? null;
    if (unreadable) void Promise.resolve(unreadable).then(settle);
    else if (elsewhere) void elsewhere.run(context).then(settle);
    else this.#runHere(definition, context, settle);
  }

  #outcomeOf(definition: AnyTaskDefinition, context: RunContext, settled: Settled): Outcome {
    const outcome = classify(definition, context, settled, this.options.keepMs);
    return outcome.kind === "retry" && outcome.newInput ? this.#withInput(definition, outcome) : outcome;
  }

  /** An input that the code made is hidden as that of a caller is, and limits count the task by it. */
  #withInput({ name, sensitive, limits }: AnyTaskDefinition, outcome: RetryOutcome): Outcome {
    const input = outcome.newInput![0];
    const secretKeys = secretKeysOf(sensitive, input, this.#vault.digest);
    const counted = { ...outcome, ...newLimitKey(limits, input, secretKeys) };
    const hidden = sensitive.length === 0 ? null : this.#vault.hide(name, input, sensitive);
    return hidden ? { ...counted, newInput: [hidden.input], newHidden: hidden.hidden } : counted;
  }

  #reveal(context: RunContext): Settled | null {
    const { task } = context;
    try {
      const revealed = this.#vault.reveal({ name: context.name, input: task.input, options: task.options });
      if (revealed) context.reveal(revealed);
      return null;
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  /** Waits for the attempt; after an abort that its code does not heed, only some time: that code goes on, but nobody waits for it. */
  #runHere(definition: AnyTaskDefinition, context: RunContext, settle: (settled: Settled) => void): void {
    const stopTimers = startTimeLimits(context);
    let isSettled = false;
    const settleOnce = (settled: Settled): void => {
      if (isSettled) return;
      isSettled = true;
      stopTimers();
      settle(settled);
    };
    context.onAbort((reason) => {
      const grace = reason instanceof WorkerStopping ? 1_000 : (this.options.abortGraceMs ?? 5_000);
      setTimeout(() => {
        if (isSettled) return;
        context.abandon(reason);
        settleOnce({ ok: false, thrown: reason });
      }, grace).unref();
    });
    void attempt(definition, context).then(settleOnce);
  }
}

/** Where the definition can make no key of the input, the task is counted as before: it must go on. */
function newLimitKey(
  limits: TaskLimits | null,
  input: Json,
  secretKeys: SecretKeys | null,
): Pick<RetryOutcome, "newLimitKey"> {
  try {
    return limits === null ? {} : { newLimitKey: limitKeyOf(limits, input, secretKeys) };
  } catch {
    return {};
  }
}

/** The output as it is stored. Throws when it does not fit the definition, or is no JSON. */
export function outputOf(definition: AnyTaskDefinition, returned: unknown): Json | Promise<Json> {
  const output = checkOutput(definition, returned);
  return output instanceof Promise ? output.then(toStorableJson) : toStorableJson(output);
}

/** The attempt itself, in whatever process or thread. Never throws. */
export async function attempt(definition: AnyTaskDefinition, context: RunContext): Promise<Settled> {
  try {
    // Most schemas answer at once: only those that do not cost a turn.
    const input = parseInput(definition, context.task.input);
    context.input = input instanceof Promise ? await input : input;
    const { middleware } = context;
    const returned = await (middleware.length === 0
      ? firstTurn(definition, context)
      : runWithin(middleware, context, () => firstTurn(definition, context)));
    // Its code need not have waited for it.
    if (context.transacting) await context.transacting;
    if (context.ownEnqueues?.open) await context.ownEnqueues.committed();
    context.checkCalls();
    if (context.recorded !== null) return { ok: true, output: null };
    const output = outputOf(definition, returned);
    return { ok: true, output: output instanceof Promise ? await output : output };
  } catch (thrown) {
    if (context.transacting) await context.leaveTransaction(toError(thrown));
    if (context.recorded !== null)
      context.workerLog.warn(
        "A task failed after its transaction was committed; it stays a SUCCESS",
        logFieldsOf(thrown, context.secrets),
      );
    return { ok: false, failure: await failureOf(definition, context, thrown) };
  }
}

/** Starts the task's own code. What it does before it first waits holds up everything else in this process. */
function firstTurn(definition: AnyTaskDefinition, context: RunContext): unknown {
  const begun = performance.now();
  try {
    return definition.run(context.input as never, context as never);
  } finally {
    if (performance.now() - begun > LONG_TURN_MS) context.tellLongTurn();
  }
}

/** Checked at enqueue too; the definition may have changed since. */
function parseInput({ inputSchema }: AnyTaskDefinition, input: Json): unknown {
  return inputSchema ? parse(inputSchema, input, "input") : input;
}

function checkOutput({ outputSchema }: AnyTaskDefinition, output: unknown): unknown {
  return outputSchema ? parse(outputSchema, output, "output") : output;
}

function parse(schema: Schema, value: unknown, what: "input" | "output"): unknown {
  const read = (parsed: Parsed): unknown => {
    if (parsed.ok) return parsed.value;
    throw new MisfitError(`The ${what} does not fit the definition: ${listIssues(parsed.issues)}`);
  };
  const parsed = parseWith(schema, value, [what === "input" ? "args" : "output"]);
  return parsed instanceof Promise ? parsed.then(read) : read(parsed);
}

/** The output as JSON holds it; null for none. What it would lose fails the attempt, which no retry can mend. @throws MisfitError naming the place */
function toStorableJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || Number.isFinite(value)) return value as Json;
  const read = readJson(value, OUTPUT_LIMITS);
  if (!("problem" in read)) return read.value;
  const { path, message, hint } = read.problem;
  throw new MisfitError(`The output${pathText(path)} ${message}. ${hint}`);
}

function listIssues(
  issues: readonly { readonly path: readonly string[]; readonly message: string }[],
): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    .join("; ");
}
