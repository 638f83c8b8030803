import { type Issue, WorkerStopping } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import { type Json, OUTPUT_LIMITS, pathText, readJson } from "../../lib/json/json.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { type Parsed, parseWith } from "../../task/definition/validation.ts";
import type { Middleware } from "../../task/definition/middleware.ts";
import type { Schema } from "../../task/definition/schema.ts";
import { limitKeyOf, type TaskLimits } from "../../task/limits/limits.ts";
import type { Keep } from "../../task/records/results.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { type SecretKeys, secretKeysOf } from "../../task/sensitive/secret-keys.ts";
import { splitSecrets } from "../../task/sensitive/sensitive.ts";
import { Vault } from "../../task/sensitive/vault.ts";
import { startTimeLimits } from "./abort.ts";
import { outcomeOf } from "./classify.ts";
import { failureOf, MisfitError, plainFailure, type RunEnd } from "./failure.ts";
import type { RunContext } from "./run-context.ts";
import { logFieldsOf } from "./task-error.ts";

/** Runs the code of attempts outside this thread. */
export interface Executor {
  /**
   * Aborts the run by the context. Resolves when nothing waits for the run any more.
   *
   * @throws Error when the run could not start, or its child died
   */
  run(context: RunContext): Promise<RunEnd>;
}

export interface AttemptRunnerOptions {
  /**
   * How long aborted code may take to end, in milliseconds. Later its outcome is recorded without
   * it.
   *
   * @default 5_000
   */
  readonly abortGraceMs?: number;
  /** How long finished tasks are kept, in milliseconds, unless the definition sets it. */
  readonly keepMs: Keep;
  /** Returns the executor of a definition; null for this thread. @default all run in this thread */
  readonly executorOf?: ((definition: AnyTaskDefinition) => Executor | null) | undefined;
  /** Opens the sensitive fields of inputs. @default one without keys */
  readonly vault?: Pick<Vault, "hide" | "reveal" | "digest"> | undefined;
}

/** Receives the outcome to record; null when the task's own transaction has recorded it. */
export type OnOutcome = (context: RunContext, outcome: Outcome | null) => void;

/** Receives how the run ended; null for a run that was aborted and is no longer waited for. */
type OnEnd = (end: RunEnd | null) => void;

/** A synchronous part of a task's code that takes longer is reported with the task's name. */
const LONG_TURN_MS = 250;

/**
 * Runs one attempt, as a list of steps:
 *
 *     reveal the input → run the code under its limits → classify how it ended
 *
 * The code itself, in this thread or in a child, is `runCode`. Steps of this thread call the next
 * one instead of returning a promise. Every task passes here, and objects that live until a promise
 * is settled are what the garbage collector has to copy.
 */
export class AttemptRunner {
  readonly #vault: Pick<Vault, "hide" | "reveal" | "digest">;

  constructor(private readonly options: AttemptRunnerOptions) {
    this.#vault = options.vault ?? new Vault(null);
  }

  /** Calls back once. Never throws. */
  run(definition: AnyTaskDefinition, context: RunContext, onOutcome: OnOutcome): void {
    const onEnd: OnEnd = (end) => onOutcome(context, this.#classify(definition, context, end));
    const onThrown = (thrown: unknown): void =>
      onEnd(context.abort.reason ? null : plainFailure(definition, context, thrown));
    try {
      if (context.task.options?.hidden) this.#revealInput(context);
    } catch (thrown) {
      // In a later turn, as every other end: the caller is still starting other tasks.
      return queueMicrotask(() => onThrown(thrown));
    }
    // An executor receives the whole input: children have no keys.
    const executor = this.options.executorOf?.(definition) ?? null;
    if (executor) void executor.run(context).then(onEnd, onThrown);
    else this.#runHere(definition, context, onEnd);
  }

  #revealInput(context: RunContext): void {
    const { name, task } = context;
    const revealed = this.#vault.reveal({ name, input: task.input, options: task.options });
    if (revealed) context.reveal(revealed);
  }

  /**
   * Waits for the code. Code that ignores its abort is abandoned after the grace time, and goes on.
   */
  #runHere(definition: AnyTaskDefinition, context: RunContext, onEnd: OnEnd): void {
    const stopTimers = startTimeLimits(context.limits, context.abort);
    let hasEnded = false;
    const endOnce: OnEnd = (end) => {
      if (hasEnded) return;
      hasEnded = true;
      stopTimers();
      onEnd(end);
    };
    context.abort.onRequest((reason) => {
      const grace = reason instanceof WorkerStopping ? 1_000 : (this.options.abortGraceMs ?? 5_000);
      setTimeout(() => {
        if (hasEnded) return;
        context.abort.abandon(reason);
        endOnce(null);
      }, grace).unref();
    });
    void runCode(definition, context).then(endOnce);
  }

  #classify(definition: AnyTaskDefinition, context: RunContext, end: RunEnd | null): Outcome | null {
    if (hasCommitted(context)) return null;
    const outcome = outcomeOf(definition, context, end, this.options.keepMs);
    if (outcome.kind !== "retry" || !outcome.newInput) return outcome;
    return { ...outcome, ...this.#storedInput(definition, outcome.newInput[0]) };
  }

  /**
   * An input that the code made is hidden as that of a caller is, and limits count the task by it.
   */
  #storedInput({ name, sensitive, limits }: AnyTaskDefinition, input: Json) {
    const split = splitSecrets(input, sensitive);
    const limitKey = newLimitKey(limits, input, secretKeysOf(sensitive, split, this.#vault.digest));
    const hidden = split && this.#vault.hide(name, split);
    return hidden ? { ...limitKey, newInput: [hidden.input] as const, newHidden: hidden.hidden } : limitKey;
  }
}

/** When no key can be computed from the input, the task keeps its key: it must go on. */
function newLimitKey(
  limits: TaskLimits | null,
  input: Json,
  secretKeys: SecretKeys | null,
): { readonly newLimitKey?: string } {
  try {
    return limits === null ? {} : { newLimitKey: limitKeyOf(limits, input, secretKeys) };
  } catch {
    return {};
  }
}

/**
 * Runs the code of an attempt, in whatever process or thread, as a list of steps:
 *
 *     parse the input → call `run` within the middleware → wait for own calls → check the output
 *
 * Never throws.
 */
export async function runCode(definition: AnyTaskDefinition, context: RunContext): Promise<RunEnd> {
  try {
    // Most schemas are synchronous: only the others cost a turn.
    const input = inputOf(definition, context);
    context.input = input instanceof Promise ? await input : input;
    const { middleware } = context;
    const returned = await (middleware.length === 0
      ? callRun(definition, context)
      : callWithin(middleware, context, () => callRun(definition, context)));
    if (context.callsIfAny) {
      await context.callsIfAny.ended();
      if (hasCommitted(context)) return { kind: "returned", output: null };
    }
    const output = outputOf(definition, returned);
    return { kind: "returned", output: output instanceof Promise ? await output : output };
  } catch (thrown) {
    if (context.callsIfAny) await context.callsIfAny.leaveTransaction(toError(thrown));
    if (hasCommitted(context))
      context.workerLog.warn(
        "A task failed after its transaction was committed; it stays a SUCCESS",
        logFieldsOf(thrown, context.secrets),
      );
    return failureOf(definition, context, thrown);
  }
}

/** Whether the task's own transaction has recorded its success. */
function hasCommitted({ callsIfAny: calls }: RunContext): boolean {
  return calls !== null && calls.committed !== null;
}

/** Parses the input. Enqueue has parsed it too, but the definition may have changed since. */
function inputOf(
  { inputSchema, sensitive }: AnyTaskDefinition,
  { task, secrets }: Pick<RunContext, "task" | "secrets">,
): unknown {
  const { input } = task;
  const hide = (issue: Issue): Issue =>
    hideInIssue(issue, [], { ...splitSecrets(input, sensitive)?.secrets, ...secrets }, sensitive);
  return inputSchema ? parse(inputSchema, input, "input", hide) : input;
}

/** Calls the task's own code. Its synchronous start blocks everything else in this process. */
function callRun(definition: AnyTaskDefinition, context: RunContext): unknown {
  const startedAt = performance.now();
  try {
    return definition.run(context.input as never, context as never);
  } finally {
    if (performance.now() - startedAt > LONG_TURN_MS) context.onLongTurn();
  }
}

/** Calls a task's code within the middleware; the first of the list is the outermost. */
function callWithin(middleware: readonly Middleware[], context: RunContext, run: () => unknown): unknown {
  const from = (index: number): unknown => {
    const one = middleware[index];
    if (!one) return run();
    if (!one.run) return from(index + 1);
    let called = false;
    const next = async (): Promise<unknown> => {
      if (called)
        throw new Error(`The middleware ${one.name ?? index} called next() twice: an attempt runs once.`);
      called = true;
      return from(index + 1);
    };
    return one.run(context, next);
  };
  return from(0);
}

/**
 * Returns the output as it is stored.
 *
 * @throws MisfitError for a value that does not fit the definition, or that JSON cannot hold
 */
export function outputOf({ outputSchema }: AnyTaskDefinition, returned: unknown): Json | Promise<Json> {
  const output = outputSchema ? parse(outputSchema, returned, "output") : returned;
  return output instanceof Promise ? output.then(toStorableJson) : toStorableJson(output);
}

function parse(
  schema: Schema,
  value: unknown,
  what: "input" | "output",
  hide: (issue: Issue) => Issue = (issue) => issue,
): unknown {
  const read = (parsed: Parsed): unknown => {
    if (parsed.ok) return parsed.value;
    const issues = parsed.issues
      .slice(0, 5)
      .map(hide)
      .map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new MisfitError(`The ${what} does not fit the definition: ${issues.join("; ")}`);
  };
  const parsed = parseWith(schema, value, [what === "input" ? "args" : "output"]);
  return parsed instanceof Promise ? parsed.then(read) : read(parsed);
}

/**
 * Returns the output as JSON; null for none.
 *
 * @throws MisfitError naming the part that JSON cannot hold
 */
function toStorableJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || Number.isFinite(value)) return value as Json;
  const read = readJson(value, OUTPUT_LIMITS);
  if (!("problem" in read)) return read.value;
  const { path, message, hint } = read.problem;
  throw new MisfitError(`The output${pathText(path)} ${message}. ${hint}`);
}
