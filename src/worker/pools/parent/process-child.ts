import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ChildDied } from "../../../errors.ts";
import { Batcher } from "../../../lib/async/batcher.ts";
import { MIB } from "../../../lib/bytes.ts";
import { Frames } from "../wire/frames.ts";
import type { ParentMessage } from "../wire/protocol.ts";
import { ChildOutput, LAST_OUTPUT_MS } from "./child-output.ts";
import {
  childEnvironment,
  type ChildKind,
  type ChildListener,
  type ChildSettings,
  type ProcessHandle,
} from "./process-handle.ts";

const ENTRY = new URL("../child/process-main.js", import.meta.url);
/** Options of Node that concern this process only, or that a child gets its own values of. */
const NOT_INHERITED =
  /^(?:--inspect|--max-old-space-size|--eval|--print|-e$|-p$|--watch|--test|--input-type)/;

/** The kind of children that are processes. */
export class Processes implements ChildKind {
  readonly pool = "processes";
  readonly noun = "child process";
  /** One `ps` measures all children, where `/proc` does not exist. */
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

/** A child process. Its memory is its resident set. Processes that it starts are killed with it. */
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
      // Its own process group: processes that a task starts are killed with it, and Ctrl-C in a
      // terminal reaches only the worker.
      detached: process.platform !== "win32",
    });
    // Before its streams are used: without free descriptors a process has none, and this event
    // reports it.
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
    // A message that is lost at its end needs no handling: its exit is reported.
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
      this.#process.kill("SIGKILL"); // It does not lead its group yet.
    }
  }

  memoryBytes(): Promise<number | undefined> {
    return this.residentSet(this.id);
  }

  /**
   * The process could not be started, or a message could not be sent. Only the former has no exit.
   */
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
    const timer = setTimeout(end, LAST_OUTPUT_MS);
    // The reason of a kill is known.
    if (this.#killed) return end();
    this.#process.once("close", end);
  }
}

/**
 * Returns the resident sets of processes of this machine in bytes, by pid, without those that have
 * ended.
 */
async function residentSets(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (pids.length === 0) return new Map();
  return process.platform === "linux" ? readProc(pids) : askPs(pids);
}

/**
 * Reads `status` instead of `statm`: it counts in kB, whatever the page size is. The read needs no
 * disk, so it does not wait.
 */
function readProc(pids: readonly number[]): ReadonlyMap<number, number> {
  const sets = new Map<number, number>();
  for (const pid of pids) {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readStatus(pid))?.[1];
    if (kilobytes !== undefined) sets.set(pid, Number(kilobytes) * 1024);
  }
  return sets;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

async function askPs(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const args = ["-o", "pid=,rss=", "-p", pids.join(",")];
  const { stdout } = await promisify(execFile)("ps", args).catch(() => ({ stdout: "" }));
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(rows.flatMap(([pid, kilobytes]) => (kilobytes ? [[pid!, kilobytes * 1024]] : [])));
}
