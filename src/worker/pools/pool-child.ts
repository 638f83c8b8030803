import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { ChildDied } from "../../errors.ts";
import { MIB } from "../../lib/bytes.ts";
import type { Logger } from "../../lib/log.ts";
import type { RunContext } from "../run-context.ts";
import type { Settled } from "../runner.ts";
import { ChildOutput } from "./child-output.ts";
import { readFailure, readOutput } from "./child-answers.ts";
import { Frames } from "./frames.ts";
import { abortToWire, type ChildMessage, type ParentMessage, readChildMessage } from "./protocol.ts";

export interface PoolChildOptions {
  /** The module that a child runs. */
  readonly entry: URL;
  /** Absolute paths of task files. */
  readonly files: readonly string[];
  /** Messages name files as seen from here. */
  readonly cwd: string;
  /** V8 lets the heap grow no further, in bytes. */
  readonly limitBytes: number;
  readonly log: Logger;
}

interface CurrentRun {
  readonly run: number;
  readonly context: RunContext;
  readonly workerName: string;
  begun: boolean;
  readonly settle: (settled: Settled | null) => void;
}

/** How long the last words of a dead child are waited for: what it started may hold its output open. */
const LAST_WORDS_MS = 200;
/** How long a child that was told to leave may take. */
const LEAVE_MS = 1_000;
/** Options of Node that are about this very process, or that a child gets anew. */
const NOT_INHERITED =
  /^(?:--inspect|--max-old-space-size|--eval|--print|-e$|-p$|--watch|--test|--input-type)/;

/** One child process, from its start to its end. */
export class PoolChild {
  readonly #process: ChildProcess;
  readonly #channel: Duplex;
  readonly #frames: Frames;
  readonly #output: ChildOutput;
  readonly #ready = Promise.withResolvers<readonly string[]>();
  readonly #exited = Promise.withResolvers<void>();
  #current: CurrentRun | null = null;
  #runs = 0;
  #killedFor: Error | null = null;
  #death: Error | null = null;
  #dismissed = false;

  constructor(private readonly options: PoolChildOptions) {
    const { entry, files, cwd, limitBytes, log } = options;
    const flags = process.execArgv.filter((flag) => !NOT_INHERITED.test(flag));
    const heap = `--max-old-space-size=${Math.floor(limitBytes / MIB)}`;
    this.#process = spawn(process.execPath, [...flags, heap, fileURLToPath(entry), String(process.pid)], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A group of its own: what a task starts is killed with it, and Ctrl-C in a terminal reaches the worker alone.
      detached: process.platform !== "win32",
    });
    // First of all: a system without descriptors to spare gives a process without streams, and says so by this.
    this.#process.on("error", (error) => this.#onError(error));
    this.#channel = this.#process.stdio[3] as Duplex;
    this.#frames = new Frames(this.#channel, {
      onMessage: (message) => this.#receive(message),
      onGarbage: () => this.kill(new Error("The child process sent its worker what is no message.")),
    });
    this.#output = new ChildOutput(this.pid, log);
    this.#output.read(this.#process.stdout!, "stdout");
    this.#output.read(this.#process.stderr!, "stderr");
    this.#ready.promise.catch(() => undefined); // Whoever asks for it hears of it.
    this.#process.once("exit", (code, signal) => this.#onExit(code, signal));
    this.#send({ type: "load", files, cwd });
  }

  /** -1 for one that could not even be started. */
  get pid(): number {
    return this.#process.pid ?? -1;
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
    const { workerName, limits } = context;
    const options =
      limits.softMs === null
        ? context.task.options
        : { ...context.task.options, softTimeLimitMs: limits.softMs };
    const task = { ...context.task, timeLimitMs: limits.hardMs, options };
    this.#current = { run: this.#runs, context, workerName, begun: false, settle: resolve };
    this.#send({ type: "run", run: this.#runs, task, workerName });
    return promise;
  }

  /** Aborts the signal of what it runs. */
  abort(reason: Error): void {
    if (this.#current) this.#send({ type: "abort", run: this.#current.run, reason: abortToWire(reason) });
  }

  /** Ends it at once, whatever it does. @param reason how its attempt, if any, then failed */
  kill(reason: Error): void {
    this.#killedFor ??= reason;
    const { pid } = this;
    if (pid < 0 || this.#death) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      this.#process.kill("SIGKILL"); // It had no time to lead a group.
    }
  }

  /** Lets it leave by itself, or makes it. Resolves when it has ended. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    this.#channel.destroy();
    const timer = setTimeout(() => this.kill(new Error("The child process was dismissed.")), LEAVE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #send(message: ParentMessage): void {
    // Its end is told by its exit: a message that is lost then needs no word.
    this.#frames.send(message);
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
    else
      this.#settle(message.type === "succeeded" ? readOutput(message.output) : readFailure(message.failure));
  }

  #settle(settled: Settled | null): void {
    const current = this.#current;
    this.#current = null;
    current?.settle(settled);
  }

  #write({ level, message, fields }: Extract<ChildMessage, { type: "log" }>): void {
    this.options.log[level](message, readFields(fields));
  }

  /** Could not be started, or could not be told something; only the first has no exit. */
  #onError(error: Error): void {
    if (this.#process.pid === undefined) this.#end(error);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#killedFor) return this.#end(this.#killedFor);
    const end = (): void => {
      clearTimeout(timer);
      this.#end(new ChildDied(code, signal, this.#lastWords()));
    };
    const timer = setTimeout(end, LAST_WORDS_MS);
    this.#process.once("close", end);
  }

  #lastWords(): ErrorOptions {
    const { tail } = this.#output;
    if (tail === "") return {};
    const cause = new Error(tail.split("\n")[0]);
    cause.stack = `its standard error, the last of it:\n${tail}`;
    return { cause };
  }

  #end(death: Error): void {
    if (this.#death) return;
    this.#death = death;
    this.#ready.reject(death);
    this.#settle(this.#current?.begun === false && !this.#killedFor ? null : { ok: false, thrown: death });
    this.#exited.resolve();
  }
}

function readFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function reportProgress(
  context: RunContext,
  { current, total, message }: Extract<ChildMessage, { type: "progress" }>,
): void {
  const finite = [current, total ?? 0].every(Number.isFinite);
  if (finite) context.progress(current, total ?? undefined, message ?? undefined);
}
