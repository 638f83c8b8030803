import { SoftTimeLimitExceeded } from "../../errors.ts";
import type { LogFields } from "../../lib/log.ts";
import { RunContext, type RunHost } from "../run-context.ts";
import type { Failure } from "../failure.ts";
import { attempt, type Settled } from "../runner.ts";
import { describeError } from "../task-error.ts";
import type { ChildChannel } from "./child-channel.ts";
import type { ChildFiles } from "./child-files.ts";
import type { ChildLog } from "./child-log.ts";
import { ChildProgress } from "./child-progress.ts";
import { abortFromWire, type ParentMessage, type WireAbort } from "./protocol.ts";

type RunMessage = Extract<ParentMessage, { type: "run" }>;

const NO_TRANSACTION =
  'ctx.transaction is not there in the pool "processes": a child process has no connection to the database. ' +
  'Give the task pool: "async", or let it return what another task writes.';

/** Runs attempts in a child process, one at a time: the same steps as in the worker's own process. */
export class ChildRuns {
  readonly #progress: ChildProgress;
  #current: { readonly run: number; readonly context: RunContext } | null = null;

  constructor(
    private readonly channel: ChildChannel,
    private readonly files: ChildFiles,
    private readonly log: ChildLog,
  ) {
    this.#progress = new ChildProgress(channel);
  }

  /** Fields that say in a log record what runs now. */
  get fields(): LogFields {
    if (!this.#current) return {};
    const { id, name, attempt: number } = this.#current.context;
    return { taskId: id, task: name, attempt: number };
  }

  async run({ run, task, workerName }: RunMessage): Promise<void> {
    const context = new RunContext(task, this.#host(run, workerName));
    this.#current = { run, context };
    this.channel.send({ type: "begun", run });
    const settled = await this.#settle(context);
    this.#progress.flush();
    this.#current = null;
    if (settled.ok) this.channel.send({ type: "succeeded", run, output: JSON.stringify(settled.output) });
    else this.channel.send({ type: "failed", run, failure: JSON.stringify(failureIn(settled)) });
  }

  abort(run: number, reason: WireAbort): void {
    if (this.#current?.run !== run) return;
    const error = abortFromWire(reason);
    if (error instanceof SoftTimeLimitExceeded) this.#current.context.abortSoftly(error);
    else this.#current.context.abort(error);
  }

  async #settle(context: RunContext): Promise<Settled> {
    try {
      return await attempt(this.files.get(context.name), context);
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  #host(run: number, workerName: string): RunHost {
    return {
      workerName,
      log: this.log,
      onProgress: (context) => {
        // An earlier attempt that goes on after its end must not speak for this one.
        if (this.#current?.run === run) this.#progress.report(run, context);
      },
      onLongTurn: () => undefined,
      transact: () => Promise.reject(new Error(NO_TRANSACTION)),
    };
  }
}

function failureIn(settled: Extract<Settled, { ok: false }>): Failure {
  if ("failure" in settled) return settled.failure;
  // Its definition could not be loaded here.
  return {
    kind: "failed",
    error: describeError(settled.thrown, true),
    expected: false,
    delayMs: null,
    newInput: null,
  };
}
