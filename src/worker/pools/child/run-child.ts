import { SoftTimeLimitExceeded } from "../../../errors.ts";
import { hookUserModules } from "../../../loading/hooks.ts";
import type { IsolatedPool } from "../../../task/definition/pool.ts";
import { type Secrets, splitSecrets } from "../../../task/sensitive/sensitive.ts";
import { runCode } from "../../attempt/attempt.ts";
import type { RunEnd } from "../../attempt/failure.ts";
import type { AttemptReports } from "../../attempt/reports.ts";
import { RunContext, type RunHost } from "../../attempt/run-context.ts";
import { describeError, logFieldsOf } from "../../attempt/task-error.ts";
import type { WireEnqueued } from "../wire/enqueue-wire.ts";
import { abortFromWire, type ParentMessage, type WireAbort } from "../wire/protocol.ts";
import { type ChildChannel, MAX_PENDING } from "./channel.ts";
import { ChildEnqueues } from "./child-enqueues.ts";
import { ChildFiles } from "./child-files.ts";
import { ChildLog, type LoggedAttempt } from "./child-log.ts";

/**
 * Runs a child, a process or a thread: loads the task files, then runs the attempts that its worker
 * sends.
 */
export function runChild(
  pool: IsolatedPool,
  open: (onMessage: (message: ParentMessage) => void) => ChildChannel,
): void {
  hookUserModules(new URL("../../../child-package.js", import.meta.url).href);
  const channel = open((message) => {
    if (message.type === "load") void load(message);
    else if (message.type === "run") void runs.run(message);
    else if (message.type === "enqueued") runs.enqueued(message.run, message.number, message.answer);
    else runs.abort(message.run, message.reason);
  });
  const files = new ChildFiles();
  const log = new ChildLog(channel, undefined, () => runs.secrets);
  const runs = new ChildRuns(pool, channel, files, log);
  const ownLog = log.of(() => runs.owner);
  ownLog.captureConsole();
  process.on("unhandledRejection", (error) =>
    ownLog.error("A promise was rejected and nothing handled it", logFieldsOf(error, ...runs.secrets)),
  );

  async function load(message: Extract<ParentMessage, { type: "load" }>): Promise<void> {
    await files.load(message.files, message.cwd);
    if (message.configFile !== null) await files.loadConfig(message.configFile, message.cwd);
    channel.send({ type: "ready", problems: files.problems });
  }
}

type RunMessage = Extract<ParentMessage, { type: "run" }>;

interface CurrentRun {
  readonly run: number;
  readonly context: RunContext;
  readonly enqueues: ChildEnqueues;
}

const NO_TRANSACTION =
  "a child has no connection to the database. " +
  'Give the task pool: "async", or let it return what another task writes.';

/** Runs the code of attempts, one at a time, by the same steps as the worker's own thread. */
class ChildRuns {
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

  /** The attempt that a log record of this process belongs to now. */
  get owner(): LoggedAttempt {
    return { run: this.#current?.run ?? null, fields: {} };
  }

  /** The sensitive values of the latest attempt's input, and of the one before it. */
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
    this.channel.send({ type: "started", run });
    const end = await this.#runCode(context);
    context.logDropped();
    this.#progress.flush();
    enqueues.end();
    this.#current = null;
    if (end.kind === "returned")
      this.channel.send({ type: "succeeded", run, output: JSON.stringify(end.output) });
    else this.channel.send({ type: "failed", run, failure: JSON.stringify(end) });
  }

  abort(run: number, reason: WireAbort): void {
    if (this.#current?.run !== run) return;
    const { abort } = this.#current.context;
    const error = abortFromWire(reason);
    if (error instanceof SoftTimeLimitExceeded) abort.requestSoftly(error);
    else abort.request(error);
  }

  enqueued(run: number, number: number, answer: WireEnqueued): void {
    if (this.#current?.run === run) this.#current.enqueues.answer(number, answer);
  }

  async #runCode(context: RunContext): Promise<RunEnd> {
    try {
      return await runCode(this.files.get(context.name), context);
    } catch (thrown) {
      // Its definition could not be loaded here.
      const error = describeError(thrown, true, context.secrets);
      return { kind: "failed", error, expected: false, delayMs: null, newInput: null };
    }
  }

  #host({ run, task, workerName }: RunMessage, enqueues: ChildEnqueues): RunHost {
    const { id, name, attempt } = task.summary;
    const fields = { taskId: id, task: name, attempt };
    // Code that ignores its abort may run after its attempt, while the next attempt is the current
    // one.
    const isCurrent = (): boolean => this.#current?.run === run;
    return {
      workerName,
      // The worker knows the current attempt. A record of an earlier one must name it.
      log: this.log.of(() => (isCurrent() ? this.owner : { run: null, fields })),
      logIsBound: true,
      middleware: this.files.middleware,
      onProgress: (reports) => {
        if (isCurrent()) this.#progress.report(run, reports);
      },
      onEmit: (_reports, { type: emitted, payload }) => {
        if (!isCurrent() || this.channel.pending >= MAX_PENDING) return false;
        this.channel.send({ type: "emit", run, name: emitted, payload: JSON.stringify(payload) });
        return true;
      },
      onLongTurn: () => undefined,
      enqueue: (_context, request) => enqueues.enqueue(request),
      transact: () =>
        Promise.reject(
          new Error(`ctx.transaction is not available in the pool "${this.pool}": ${NO_TRANSACTION}`),
        ),
    };
  }
}

/** The worker has put the sensitive values into the input, and does not send which they are. */
function secretsOf({ name, task }: RunContext, files: ChildFiles): Secrets {
  const sensitive = files.find(name)?.sensitive ?? [];
  return splitSecrets(task.input, sensitive)?.secrets ?? {};
}

const PROGRESS_EVERY_MS = 100;

/**
 * Sends the latest progress of an attempt to the worker a few times a second, also from a loop that
 * never waits.
 */
class ChildProgress {
  #dirty: { readonly run: number; readonly reports: AttemptReports } | null = null;
  #sentAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly channel: ChildChannel) {}

  report(run: number, reports: AttemptReports): void {
    this.#dirty = { run, reports };
    const wait = this.#sentAt + PROGRESS_EVERY_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends the progress that was not sent yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#dirty) return;
    const { run, reports } = this.#dirty;
    this.#dirty = null;
    this.#sentAt = performance.now();
    const { current, total, message } = reports.latest!;
    this.channel.send({ type: "progress", run, current, total, message });
  }
}
