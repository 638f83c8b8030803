import { toError } from "../../../lib/thrown.ts";
import type { JsonObject } from "../../../lib/json/json.ts";
import type { Logger } from "../../../lib/log/log.ts";
import { hideIn, hideValues } from "../../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import type { RunEnd } from "../../attempt/failure.ts";
import type { RunContext } from "../../attempt/run-context.ts";
import {
  enqueuedToWire,
  MAX_OPEN_ENQUEUES,
  requestFromWire,
  type WireEnqueued,
} from "../wire/enqueue-wire.ts";
import { abortToWire, type ChildMessage, readChildMessage } from "../wire/protocol.ts";
import { readRunEnd } from "./child-answers.ts";
import type { ChildKind, ChildSettings, ProcessHandle } from "./process-handle.ts";

export interface PoolChildOptions extends ChildSettings {
  readonly kind: ChildKind;
  /** Absolute paths of task files. */
  readonly files: readonly string[];
  /** The configuration file that contains the middleware. @default null: there is none */
  readonly configFile?: string | null;
  /** Messages show the paths of files relative to this folder. */
  readonly cwd: string;
  readonly log: Logger;
}

interface CurrentRun {
  readonly run: number;
  readonly context: RunContext;
  readonly enqueues: RelayedEnqueues;
  started: boolean;
  readonly ended: PromiseWithResolvers<RunEnd | null>;
}

/** How long a dismissed child may take to exit. */
const EXIT_MS = 1_000;
/**
 * How long a killed child may take to die. Longer takes one that waits in the system, or in native
 * code.
 */
const DIE_MS = 2_000;

/** One child of a pool, from its start to its end, and the attempt that it runs. */
export class PoolChild {
  readonly #handle: ProcessHandle;
  readonly #ready = Promise.withResolvers<readonly string[]>();
  readonly #exited = Promise.withResolvers<void>();
  #current: CurrentRun | null = null;
  #runs = 0;
  /**
   * Of the current or latest attempt, and of the one before it: code may still print after its
   * attempt.
   */
  #secrets: readonly Secrets[] = [];
  #killedFor: Error | null = null;
  #death: Error | null = null;
  #dismissed = false;

  constructor(private readonly options: PoolChildOptions) {
    const { kind, files, cwd } = options;
    this.#ready.promise.catch(() => undefined); // The pool handles it, when it waits for it.
    this.#handle = kind.open(options, {
      onMessage: (message) => this.#receive(message),
      onGarbage: () => this.kill(new Error(`The ${kind.noun} sent its worker invalid data.`)),
      onEnd: (death) => this.#end(this.#killedFor ?? death),
      secrets: () => this.#secrets,
    });
    this.#handle.send({ type: "load", files, cwd, configFile: options.configFile ?? null });
  }

  /** The pid, or the number of the thread; negative when it could not be started. */
  get id(): number {
    return this.#handle.id;
  }

  /** Returns the bytes of memory that it uses; undefined when it has ended. Never rejects. */
  memoryBytes(): Promise<number | undefined> {
    return this.#handle.memoryBytes();
  }

  get busy(): boolean {
    return this.#current !== null;
  }

  /** The number of attempts that it has received. */
  get runs(): number {
    return this.#runs;
  }

  /** Why it ended; null while it runs. */
  get death(): Error | null {
    return this.#death;
  }

  get dismissed(): boolean {
    return this.#dismissed;
  }

  /**
   * Resolves with the problems of its files when it can run attempts; rejects when it ends before.
   */
  get ready(): Promise<readonly string[]> {
    return this.#ready.promise;
  }

  /** Resolves when it has ended. Never rejects. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /**
   * Runs the code of one attempt; one at a time. Resolves with null when the child ended before the
   * code started.
   *
   * @throws Error when the child died, or sent an invalid message
   */
  run(context: RunContext): Promise<RunEnd | null> {
    if (this.#death) return Promise.resolve(null);
    this.#runs += 1;
    this.#secrets = [context.secrets, ...this.#secrets.slice(0, 1)];
    const { workerName, limits } = context;
    const options =
      limits.softMs === null
        ? context.task.options
        : { ...context.task.options, softTimeLimitMs: limits.softMs };
    const task = { ...context.task, timeLimitMs: limits.hardMs, options };
    const run = this.#runs;
    const enqueues = new RelayedEnqueues(context, (number, answer) => {
      if (this.#current?.run === run) this.#handle.send({ type: "enqueued", run, number, answer });
    });
    const ended = Promise.withResolvers<RunEnd | null>();
    this.#current = { run, context, enqueues, started: false, ended };
    this.#handle.send({ type: "run", run, task, workerName });
    return ended.promise;
  }

  /** Aborts the signal of the attempt that it runs. */
  abort(reason: Error): void {
    if (this.#current)
      this.#handle.send({ type: "abort", run: this.#current.run, reason: abortToWire(reason) });
  }

  /**
   * Ends it at once, whatever it does.
   *
   * @param reason the error of its attempt, if it runs one
   */
  kill(reason: Error): void {
    if (this.#killedFor || this.#death) return;
    this.#killedFor = reason;
    this.#handle.kill();
    const timer = setTimeout(() => this.#giveUp(reason), DIE_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  /** Lets it exit by itself, and kills it when it does not. Resolves when it has ended. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    const { noun } = this.options.kind;
    this.#handle.dismiss();
    const timer = setTimeout(() => this.kill(new Error(`The ${noun} was dismissed.`)), EXIT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #giveUp(reason: Error): void {
    const { log, kind } = this.options;
    log.warn(`A ${kind.noun} was killed and does not end; the worker no longer waits for it`, {
      id: this.id,
      ...(this.#current ? { taskId: this.#current.context.id, task: this.#current.context.name } : {}),
    });
    this.#end(reason);
  }

  #receive(value: unknown): void {
    const message = readChildMessage(value);
    if (!message) return;
    if (message.type === "ready") this.#ready.resolve(message.problems);
    else if (message.type === "log") this.#write(message);
    else if (message.run === this.#current?.run) this.#onRun(this.#current, message);
  }

  #onRun(current: CurrentRun, message: Extract<ChildMessage, { readonly run: number }>): void {
    if (message.type === "started") current.started = true;
    else if (message.type === "progress") reportProgress(current.context, message);
    else if (message.type === "enqueue") void current.enqueues.take(message.number, message.request);
    else if (message.type === "emit") relay(current.context, message);
    else this.#endRun(({ resolve }) => resolve(readRunEnd(message)));
  }

  #endRun(settle: (ended: PromiseWithResolvers<RunEnd | null>) => void): void {
    const ended = this.#current?.ended;
    this.#current = null;
    if (!ended) return;
    try {
      settle(ended);
    } catch (error) {
      ended.reject(toError(error));
    }
  }

  #write({ run, level, message, fields }: Extract<ChildMessage, { type: "log" }>): void {
    const current = this.#current;
    if (current?.run === run) return current.context.log[level](message, readFields(fields));
    const shown = hideIn(readFields(fields), ...this.#secrets) as JsonObject;
    this.options.log[level](hideValues(message, ...this.#secrets), shown);
  }

  #end(death: Error): void {
    if (this.#death) return;
    this.#death = death;
    this.#ready.reject(death);
    const notStarted = this.#current?.started === false && !this.#killedFor;
    this.#endRun(({ resolve, reject }) => (notStarted ? resolve(null) : reject(death)));
    this.#exited.resolve();
  }
}

/** Performs the `ctx.enqueue` calls of one attempt in a child. */
class RelayedEnqueues {
  #open = 0;

  constructor(
    private readonly context: Pick<RunContext, "relayEnqueue">,
    /** Not called any more when the attempt has ended. */
    private readonly onAnswer: (number: number, answer: WireEnqueued) => void,
  ) {}

  /** Never throws. A request that no child of ours sends is forged, and gets no answer. */
  async take(number: number, text: string): Promise<void> {
    if (this.#open >= MAX_OPEN_ENQUEUES) return;
    const request = requestFromWire(text);
    if (!request) return;
    this.#open += 1;
    const answer = await enqueuedToWire(this.context.relayEnqueue(request));
    this.#open -= 1;
    this.onAnswer(number, answer);
  }
}

function readFields(text: string): JsonObject {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === "object" && fields !== null ? (fields as JsonObject) : {};
  } catch {
    return {};
  }
}

function relay({ reports }: RunContext, { name, payload }: Extract<ChildMessage, { type: "emit" }>): void {
  try {
    reports.relay(name, JSON.parse(payload));
  } catch {
    // The child has validated its events: this one is forged.
  }
}

function reportProgress(
  { reports }: RunContext,
  { current, total, message }: Extract<ChildMessage, { type: "progress" }>,
): void {
  const finite = [current, total ?? 0].every(Number.isFinite);
  if (finite) reports.progress(current, total ?? undefined, message ?? undefined);
}
