import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { ChildDied } from "../../../errors.ts";
import { MIB } from "../../../lib/bytes.ts";
import { Batcher } from "../../../lib/batcher.ts";
import { childEnvironment } from "./child-environment.ts";
import { ChildOutput, LAST_WORDS_MS } from "./child-output.ts";
import type { ChildKind, ChildListener, ProcessHandle, ChildSettings } from "./process-handle.ts";
import { Frames } from "../wire/frames.ts";
import type { ParentMessage } from "../wire/protocol.ts";
import { residentSets } from "./resident-set.ts";

const ENTRY = new URL("../child/process-main.js", import.meta.url);
/** Options of Node that are about this very process, or that a child gets anew. */
const NOT_INHERITED =
  /^(?:--inspect|--max-old-space-size|--eval|--print|-e$|-p$|--watch|--test|--input-type)/;

/** Children that are processes. */
export class Processes implements ChildKind {
  readonly pool = "processes";
  readonly noun = "child process";
  /** Where the system must be asked by a program, one question is for all. */
  readonly #residentSets = new Batcher<number, number | undefined>({
    run: async (pids) => {
      const sets = await residentSets(pids);
      return pids.map((pid) => sets.get(pid));
    },
  });

  open(settings: ChildSettings, listener: ChildListener): ProcessHandle {
    return new ProcessChild(settings, listener, (pid) => this.#residentSets.add(pid));
  }
}

/** A child process. Its memory is what it holds in all (its resident set); what it starts ends with it. */
class ProcessChild implements ProcessHandle {
  readonly #process: ChildProcess;
  readonly #channel: Duplex;
  readonly #frames: Frames;
  readonly #output: ChildOutput;
  #killed = false;
  #exited = false;

  constructor(
    { entry = ENTRY, limitBytes, log }: ChildSettings,
    private readonly listener: ChildListener,
    private readonly residentSet: (pid: number) => Promise<number | undefined>,
  ) {
    const flags = process.execArgv.filter((flag) => !NOT_INHERITED.test(flag));
    const heap = `--max-old-space-size=${Math.floor(limitBytes / MIB)}`;
    this.#process = spawn(process.execPath, [...flags, heap, fileURLToPath(entry), String(process.pid)], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: childEnvironment(),
      // A group of its own: what a task starts is killed with it, and Ctrl-C in a terminal reaches the worker alone.
      detached: process.platform !== "win32",
    });
    // First of all: a system without descriptors to spare gives a process without streams, and says so by this.
    this.#process.on("error", (error) => this.#onError(error));
    this.#channel = this.#process.stdio[3] as Duplex;
    this.#frames = new Frames(this.#channel, listener);
    this.#output = new ChildOutput("A child process printed", { pid: this.id }, log, listener.secrets);
    this.#output.read(this.#process.stdout!, "stdout");
    this.#output.read(this.#process.stderr!, "stderr");
    this.#process.once("exit", (code, signal) => this.#onExit(code, signal));
  }

  get id(): number {
    return this.#process.pid ?? -1;
  }

  send(message: ParentMessage): void {
    // Its end is told by its exit: a message that is lost then needs no word.
    this.#frames.send(message);
  }

  dismiss(): void {
    this.#channel.destroy();
  }

  kill(): void {
    this.#killed = true;
    if (this.id < 0 || this.#exited) return;
    try {
      process.kill(process.platform === "win32" ? this.id : -this.id, "SIGKILL");
    } catch {
      this.#process.kill("SIGKILL"); // It had no time to lead a group.
    }
  }

  held(): Promise<number | undefined> {
    return this.residentSet(this.id);
  }

  /** Could not be started, or could not be told something; only the first has no exit. */
  #onError(error: Error): void {
    if (this.#process.pid === undefined) this.listener.onEnd(error);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#exited = true;
    const end = (): void => {
      clearTimeout(timer);
      this.#process.off("close", end);
      this.listener.onEnd(new ChildDied("child process", code, signal, this.#output.lastWords));
    };
    const timer = setTimeout(end, LAST_WORDS_MS);
    // Of one that was killed nobody wants to hear why it died.
    if (this.#killed) return end();
    this.#process.once("close", end);
  }
}
