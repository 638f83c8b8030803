import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { ChildDied, MemoryLimitExceeded } from "../../../errors.ts";
import { toError } from "../../../lib/thrown.ts";
import { MIB } from "../../../lib/bytes.ts";
import type { ParentMessage, ThreadData } from "../wire/protocol.ts";
import { ChildOutput, LAST_OUTPUT_MS } from "./child-output.ts";
import {
  childEnvironment,
  type ChildKind,
  type ChildListener,
  type ChildSettings,
  type ProcessHandle,
} from "./process-handle.ts";

const ENTRY = new URL("../child/thread-main.js", import.meta.url);
/**
 * V8's own limit of a thread's heap lies well above ours, which the worker watches. At its own
 * limit V8 mostly ends the thread. Sometimes, and always for one allocation larger than the rest,
 * it ends the whole process.
 */
const LEAST_HEADROOM = 512 * MIB;

/** The kind of children that are threads of this process. */
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
    // Not the port that every thread has: a task's code and its imports may use that one.
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
    // A thread in a native call ends only after the call; the process does not wait for it.
    this.#worker.unref();
    void this.#worker.terminate();
  }

  /** Its heap and its buffers. A thread in a native call does not answer. */
  async memoryBytes(): Promise<number | undefined> {
    try {
      const { used_heap_size: heap, external_memory: buffers } = await this.#worker.getHeapStatistics();
      return heap + buffers;
    } catch {
      return undefined;
    }
  }

  #onExit(code: number): void {
    // Its last messages are handled before its end.
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port))
      this.listener.onMessage(last.message);
    this.#port.close();
    const end = (): void => {
      clearTimeout(timer);
      this.#worker.stderr.off("close", end);
      this.listener.onEnd(this.#deathBy(code));
    };
    const timer = setTimeout(end, LAST_OUTPUT_MS);
    // The reason of a kill is known, and an error contains its reason.
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
