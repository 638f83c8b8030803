import { SoftTimeLimitExceeded } from "../../../errors.ts";
import type { IsolatedPool } from "../../../task/definition/pool.ts";
import { type Secrets, splitSecrets } from "../../../task/sensitive/sensitive.ts";
import { RunContext, type RunHost } from "../../attempt/run-context.ts";
import type { Failure } from "../../attempt/failure.ts";
import { attempt, type Settled } from "../../attempt/runner.ts";
import { describeError } from "../../attempt/task-error.ts";
import { type ChildChannel, MAX_PENDING } from "./child-channel.ts";
import type { ChildFiles } from "./child-files.ts";
import type { ChildLog, LogOwner } from "./child-log.ts";
import { ChildEnqueues } from "./child-enqueues.ts";
import { ChildProgress } from "./child-progress.ts";
import type { WireEnqueued } from "../wire/enqueue-wire.ts";
import { abortFromWire, type ParentMessage, type WireAbort } from "../wire/protocol.ts";

type RunMessage = Extract<ParentMessage, { type: "run" }>;

const NO_TRANSACTION =
  "a child has no connection to the database. " +
  'Give the task pool: "async", or let it return what another task writes.';

interface CurrentRun {
  readonly run: number;
  readonly context: RunContext;
  readonly enqueues: ChildEnqueues;
}

/** Runs attempts in a child, one at a time: the same steps as in the worker's own thread. */
export class ChildRuns {
  readonly #progress: ChildProgress;
  #current: CurrentRun | null = null;
  #secrets: readonly Secrets[] = [];

  constructor(
    private readonly pool: IsolatedPool,
    private readonly channel: ChildChannel,
    private readonly files: ChildFiles,
    private readonly log: ChildLog,
  ) {
    this.#progress = new ChildProgress(channel);
  }

  /** Whom a log record of this process belongs to now. */
  get owner(): LogOwner {
    return { run: this.#current?.run ?? null, fields: {} };
  }

  /** What must not be shown of the inputs of the latest attempt and of the one before it. */
  get secrets(): readonly Secrets[] {
    return this.#secrets;
  }

  async run(message: RunMessage): Promise<void> {
    const { run, task } = message;
    const enqueues = new ChildEnqueues(this.channel, run);
    const context = new RunContext(task, this.#host(message, enqueues));
    this.#current = { run, context, enqueues };
    context.secrets = secretsOf(context, this.files);
    this.#secrets = [context.secrets, ...this.#secrets.slice(0, 1)];
    this.channel.send({ type: "begun", run });
    const settled = await this.#settle(context);
    context.logDropped();
    this.#progress.flush();
    enqueues.end();
    this.#current = null;
    if (settled.ok) this.channel.send({ type: "succeeded", run, output: JSON.stringify(settled.output) });
    else
      this.channel.send({
        type: "failed",
        run,
        failure: JSON.stringify(failureIn(settled, context.secrets)),
      });
  }

  abort(run: number, reason: WireAbort): void {
    if (this.#current?.run !== run) return;
    const error = abortFromWire(reason);
    if (error instanceof SoftTimeLimitExceeded) this.#current.context.abortSoftly(error);
    else this.#current.context.abort(error);
  }

  enqueued(run: number, number: number, answer: WireEnqueued): void {
    if (this.#current?.run === run) this.#current.enqueues.answer(number, answer);
  }

  async #settle(context: RunContext): Promise<Settled> {
    try {
      return await attempt(this.files.get(context.name), context);
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  #host({ run, task, workerName }: RunMessage, enqueues: ChildEnqueues): RunHost {
    const { id, name, attempt: number } = task.summary;
    const about = { taskId: id, task: name, attempt: number };
    return {
      workerName,
      // The worker knows what runs; of an attempt that goes on after its end a record must say it by itself.
      log: this.log.of(() => (this.#current?.run === run ? this.owner : { run: null, fields: about })),
      logIsBound: true,
      middleware: this.files.middleware,
      onProgress: (context) => {
        // An earlier attempt that goes on after its end must not speak for this one.
        if (this.#current?.run === run) this.#progress.report(run, context);
      },
      onEmit: (_context, { type: emitted, payload }) => {
        if (this.#current?.run !== run || this.channel.pending >= MAX_PENDING) return false;
        this.channel.send({ type: "emit", run, name: emitted, payload: JSON.stringify(payload) });
        return true;
      },
      onLongTurn: () => undefined,
      enqueue: (_context, request) => enqueues.enqueue(request),
      transact: () =>
        Promise.reject(
          new Error(`ctx.transaction is not there in the pool "${this.pool}": ${NO_TRANSACTION}`),
        ),
    };
  }
}

/** The worker has put these values into the input, and does not say which they are. */
function secretsOf({ name, task }: RunContext, files: ChildFiles): Secrets {
  const sensitive = files.find(name)?.sensitive ?? [];
  return splitSecrets(task.input, sensitive)?.secrets ?? {};
}

function failureIn(settled: Extract<Settled, { ok: false }>, secrets: Secrets): Failure {
  if ("failure" in settled) return settled.failure;
  // Its definition could not be loaded here.
  return {
    kind: "failed",
    error: describeError(settled.thrown, true, secrets),
    expected: false,
    delayMs: null,
    newInput: null,
  };
}
