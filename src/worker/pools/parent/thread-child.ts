import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { ChildDied, MemoryLimitExceeded, toError } from "../../../errors.ts";
import { MIB } from "../../../lib/bytes.ts";
import { childEnvironment } from "./child-environment.ts";
import { ChildOutput, LAST_WORDS_MS } from "./child-output.ts";
import type { ChildKind, ChildListener, ProcessHandle, ChildSettings } from "./process-handle.ts";
import type { ParentMessage } from "../wire/protocol.ts";

const ENTRY = new URL("../child/thread-main.js", import.meta.url);
/**
 * V8's own limit of a thread's heap lies well above ours, which the worker watches: at its own V8 mostly ends the thread, but now and then, and
 * always for one allocation that is larger than what is left, it ends the whole process.
 */
const LEAST_HEADROOM = 512 * MIB;

/** What a thread is given when it starts. */
export interface ThreadData {
  readonly port: MessagePort;
}

/** Children that are threads of this process. */
export class Threads implements ChildKind {
  readonly pool = "threads";
  readonly noun = "thread";

  open(settings: ChildSettings, listener: ChildListener): ProcessHandle {
    return new ThreadChild(settings, listener);
  }
}

/** A thread of this process. Its memory is its heap and its buffers. */
class ThreadChild implements ProcessHandle {
  readonly id: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #output: ChildOutput;
  #error: Error | null = null;
  #killed = false;

  constructor(
    private readonly settings: ChildSettings,
    private readonly listener: ChildListener,
  ) {
    const { entry = ENTRY, limitBytes, log } = settings;
    const heapLimit = limitBytes + Math.max(limitBytes, LEAST_HEADROOM);
    // Not the port that every thread has: a task's code, and what it imports, may use that for itself.
    const { port1, port2 } = new MessageChannel();
    this.#worker = new Worker(entry, {
      name: "lovage",
      workerData: { port: port2 } satisfies ThreadData,
      env: childEnvironment(),
      transferList: [port2],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(heapLimit / MIB) },
    });
    this.id = this.#worker.threadId;
    this.#port = port1;
    port1.on("message", listener.onMessage);
    port1.on("messageerror", listener.onGarbage);
    this.#output = new ChildOutput("A thread printed", { threadId: this.id }, log, listener.secrets);
    this.#output.read(this.#worker.stdout, "stdout");
    this.#output.read(this.#worker.stderr, "stderr");
    this.#worker.once("error", (error) => {
      this.#error = toError(error);
    });
    this.#worker.once("exit", (code) => this.#onExit(code));
  }

  send(message: ParentMessage): void {
    this.#port.postMessage(message);
  }

  dismiss(): void {
    this.#port.close();
  }

  kill(): void {
    this.#killed = true;
    // What sits in a call that is not JavaScript ends only after it; nobody waits for that.
    this.#worker.unref();
    void this.#worker.terminate();
  }

  /** Of its heap and its buffers. While it is in a call that is not JavaScript there is no answer. */
  async held(): Promise<number | undefined> {
    try {
      const { used_heap_size: heap, external_memory: buffers } = await this.#worker.getHeapStatistics();
      return heap + buffers;
    } catch {
      return undefined;
    }
  }

  #onExit(code: number): void {
    // Its last words come before its end.
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port))
      this.listener.onMessage(last.message);
    this.#port.close();
    const end = (): void => {
      clearTimeout(timer);
      this.#worker.stderr.off("close", end);
      this.listener.onEnd(this.#deathBy(code));
    };
    const timer = setTimeout(end, LAST_WORDS_MS);
    // Of one that was killed nobody wants to hear why it died, and an error tells it itself.
    if (this.#killed || this.#error) return end();
    this.#worker.stderr.once("close", end);
  }

  #deathBy(code: number): Error {
    const error = this.#error;
    if (error === null) return new ChildDied("thread", code, null, this.#output.lastWords);
    if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")
      return new MemoryLimitExceeded("thread", this.settings.limitBytes, null);
    return new ChildDied("thread", code, null, { cause: error });
  }
}
