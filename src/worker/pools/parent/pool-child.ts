import type { Logger } from "../../../lib/log.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { hideIn, hideValues } from "../../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import type { RunContext } from "../../attempt/run-context.ts";
import type { Settled } from "../../attempt/runner.ts";
import { readFailure, readOutput } from "./child-answers.ts";
import type { ChildKind, ProcessHandle, ChildSettings } from "./process-handle.ts";
import { RelayedEnqueues } from "../child/relayed-enqueues.ts";
import { abortToWire, type ChildMessage, readChildMessage } from "../wire/protocol.ts";

export interface PoolChildOptions extends ChildSettings {
  readonly kind: ChildKind;
  /** Absolute paths of task files. */
  readonly files: readonly string[];
  /** The configuration file whose middleware holds. @default null: there is none */
  readonly configFile?: string | null;
  /** Messages name files as seen from here. */
  readonly cwd: string;
  readonly log: Logger;
}

interface CurrentRun {
  readonly run: number;
  readonly context: RunContext;
  readonly workerName: string;
  readonly enqueues: RelayedEnqueues;
  begun: boolean;
  readonly settle: (settled: Settled | null) => void;
}

/** How long a child that was told to leave may take. */
const LEAVE_MS = 1_000;
/** How long a child that was killed may take. Longer takes what waits in the system, or in code that is not JavaScript. */
const DIE_MS = 2_000;

/** One child of a pool, from its start to its end, and the attempt that it has. */
export class PoolChild {
  readonly #place: ProcessHandle;
  readonly #ready = Promise.withResolvers<readonly string[]>();
  readonly #exited = Promise.withResolvers<void>();
  #current: CurrentRun | null = null;
  #runs = 0;
  /** Of the attempt that it has, or had last, and of the one before it: code may go on, and print, after its attempt has ended. */
  #secrets: readonly Secrets[] = [];
  #killedFor: Error | null = null;
  #death: Error | null = null;
  #dismissed = false;

  constructor(private readonly options: PoolChildOptions) {
    const { kind, files, cwd } = options;
    this.#ready.promise.catch(() => undefined); // Whoever asks for it hears of it.
    this.#place = kind.open(options, {
      onMessage: (message) => this.#receive(message),
      onGarbage: () => this.kill(new Error(`The ${kind.noun} sent its worker what is no message.`)),
      onEnd: (death) => this.#end(this.#killedFor ?? death),
      secrets: () => this.#secrets,
    });
    this.#place.send({ type: "load", files, cwd, configFile: options.configFile ?? null });
  }

  /** Its pid, or the number of its thread; negative for one that could not even be started. */
  get id(): number {
    return this.#place.id;
  }

  /** Bytes of memory that it holds; undefined when it has ended. Never rejects. */
  held(): Promise<number | undefined> {
    return this.#place.held();
  }

  get busy(): boolean {
    return this.#current !== null;
  }

  /** Attempts that were handed to it. */
  get runs(): number {
    return this.#runs;
  }

  /** Why it ended; null while it lives. */
  get death(): Error | null {
    return this.#death;
  }

  /** Whether it was told to leave. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  /** Resolves when it can run attempts, with what is wrong with its files; rejects when it ends before. */
  get ready(): Promise<readonly string[]> {
    return this.#ready.promise;
  }

  /** Resolves when it has ended. Never rejects. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** How the attempt went; null when the child ended before the attempt's code began. One at a time. */
  run(context: RunContext): Promise<Settled | null> {
    const { promise, resolve } = Promise.withResolvers<Settled | null>();
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
      if (this.#current?.run === run) this.#place.send({ type: "enqueued", run, number, answer });
    });
    this.#current = { run, context, workerName, enqueues, begun: false, settle: resolve };
    this.#place.send({ type: "run", run, task, workerName });
    return promise;
  }

  /** Aborts the signal of what it runs. */
  abort(reason: Error): void {
    if (this.#current)
      this.#place.send({ type: "abort", run: this.#current.run, reason: abortToWire(reason) });
  }

  /** Ends it at once, whatever it does. @param reason how its attempt, if any, then failed */
  kill(reason: Error): void {
    if (this.#killedFor || this.#death) return;
    this.#killedFor = reason;
    this.#place.kill();
    const timer = setTimeout(() => this.#giveUp(reason), DIE_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  /** Lets it leave by itself, or makes it. Resolves when it has ended. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    const { noun } = this.options.kind;
    this.#place.dismiss();
    const timer = setTimeout(() => this.kill(new Error(`The ${noun} was dismissed.`)), LEAVE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #giveUp(reason: Error): void {
    const { log, kind } = this.options;
    log.warn(`A ${kind.noun} was killed and does not end; it is left to itself`, {
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
    if (message.type === "begun") current.begun = true;
    else if (message.type === "progress") reportProgress(current.context, message);
    else if (message.type === "enqueue") void current.enqueues.take(message.number, message.request);
    else if (message.type === "emit") relay(current.context, message);
    else
      this.#settle(message.type === "succeeded" ? readOutput(message.output) : readFailure(message.failure));
  }

  #settle(settled: Settled | null): void {
    const current = this.#current;
    this.#current = null;
    current?.settle(settled);
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
    this.#settle(this.#current?.begun === false && !this.#killedFor ? null : { ok: false, thrown: death });
    this.#exited.resolve();
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

function relay(context: RunContext, { name, payload }: Extract<ChildMessage, { type: "emit" }>): void {
  try {
    context.relay(name, JSON.parse(payload));
  } catch {
    // The child checked it already: this was forged.
  }
}

function reportProgress(
  context: RunContext,
  { current, total, message }: Extract<ChildMessage, { type: "progress" }>,
): void {
  const finite = [current, total ?? 0].every(Number.isFinite);
  if (finite) context.progress(current, total ?? undefined, message ?? undefined);
}
