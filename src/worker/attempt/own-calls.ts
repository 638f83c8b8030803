import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { Json } from "../../lib/json/json.ts";
import type { EnqueuedTask, EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { EntityManager } from "../../task/definition/context.ts";
import { isTaskDefinition } from "../../task/definition/definition.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { AttemptAbort } from "./abort.ts";

/** What a task's code does in its transaction. Its return value is the task's output. */
export type TransactionWork<Result> = (em: EntityManager) => Promise<Result> | Result;

/** The result of a task's own transaction, and the state that was committed with it. */
export interface Committed<Result> {
  readonly state: TaskState;
  readonly result: Result;
}

/** The attempt whose code calls, and what performs its calls. */
export interface OwnCallsParts {
  readonly abort: AttemptAbort;
  /** Whether the attempt has ended. */
  readonly isOver: () => boolean;
  readonly enqueue: (request: EnqueueRequest) => Promise<EnqueuedTask>;
  /** Commits the work together with the attempt's success. */
  readonly transact: <Result>(work: TransactionWork<Result>) => Promise<Committed<Result>>;
}

/**
 * The calls of `ctx.enqueue` and `ctx.transaction` by one attempt. Its code need not wait for them:
 * the attempt does. A call that fails unobserved must neither end the process nor pass for a
 * success.
 */
export class OwnCalls {
  readonly #enqueuing = new Set<Promise<EnqueuedTask>>();
  #transacting: Promise<unknown> | null = null;
  #failed: { readonly call: TrackedPromise<unknown>; readonly error: unknown }[] = [];
  /**
   * The state that the task's own transaction committed; it is final. Null without such a commit.
   */
  committed: TaskState | null = null;

  constructor(private readonly parts: OwnCallsParts) {}

  enqueue = (
    definition: unknown,
    input: unknown,
    options: EnqueueOptions | undefined,
  ): Promise<EnqueuedTask> => {
    const enqueuing = this.#enqueue(definition, input, options);
    const done = (): void => void this.#enqueuing.delete(enqueuing);
    this.#enqueuing.add(enqueuing);
    enqueuing.then(done, done);
    return this.#track(enqueuing);
  };

  transaction = <Result>(work: TransactionWork<Result>): Promise<Result> => this.#track(this.#transact(work));

  /**
   * Resolves when all calls have ended.
   *
   * @throws the first failure that the code has not observed
   */
  async ended(): Promise<void> {
    if (this.#transacting) await this.#transacting;
    if (this.#enqueuing.size > 0) await Promise.all(this.#enqueuing);
    const unobserved = this.#failed.find(({ call }) => !call.observed);
    if (unobserved) throw unobserved.error;
  }

  /**
   * Ends a transaction that the code has left by an error: it holds a connection and rows that
   * others need. Waits for a commit that was already sent.
   */
  async leaveTransaction(reason: Error): Promise<void> {
    if (!this.#transacting) return;
    this.parts.abort.abandon(reason);
    await this.#transacting.catch(() => undefined);
  }

  async #enqueue(
    definition: unknown,
    input: unknown,
    options: EnqueueOptions | undefined,
  ): Promise<EnqueuedTask> {
    if (!isTaskDefinition(definition))
      throw new TypeError(
        "ctx.enqueue: expected a task definition as the first argument. Pass the value that defineTask returned.",
      );
    if (this.parts.isOver()) throw new AttemptOver();
    const { name } = definition;
    return this.parts.enqueue({ name, args: input as Json, ...(options ? { options } : {}) });
  }

  async #transact<Result>(work: TransactionWork<Result>): Promise<Result> {
    if (this.#transacting || this.committed !== null) {
      const state = this.#transacting ? "is open" : "was committed, and the task is done";
      throw new Error(
        `ctx.transaction can be used once in a task: its transaction ${state}. Put all writes into one call of it.`,
      );
    }
    const transacting = this.parts.transact(work);
    this.#transacting = transacting;
    try {
      const { state, result } = await transacting;
      this.committed = state;
      return result;
    } finally {
      this.#transacting = null;
    }
  }

  /**
   * Returns the same promise for the code, and records whether the code observes how the call
   * ended.
   */
  #track<Value>(call: Promise<Value>): Promise<Value> {
    const tracked = new TrackedPromise<Value>((resolve, reject) => void call.then(resolve, reject));
    tracked.onFailure((error) => {
      this.#failed = [...this.#failed.filter((one) => !one.call.observed), { call: tracked, error }];
    });
    return tracked;
  }
}

/** `ctx.enqueue` was called after the end of the attempt. */
export class AttemptOver extends Error {
  override readonly name = "AttemptOver";

  constructor() {
    super("ctx.enqueue came too late: the attempt has ended. Wait for it before run returns.");
  }
}

class TrackedPromise<Value> extends Promise<Value> {
  observed = false;

  /** `then` returns a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** `await`, `catch` and `Promise.all` call it too. */
  // oxlint-disable-next-line unicorn/no-thenable -- a promise has one anyway
  override then<Done = Value, Failed = never>(
    onDone?: ((value: Value) => Done | PromiseLike<Done>) | null,
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    this.observed = true;
    return super.then(onDone, onFailed);
  }

  /** As `catch`, but does not count as an observation. */
  onFailure(listener: (error: unknown) => void): void {
    void super.then(undefined, listener);
  }
}
