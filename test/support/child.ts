import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface ChildOptions {
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default this process's folder */
  readonly cwd?: string;
  /** What error messages call it. @default the command */
  readonly name?: string;
  /** Run as this user and group (only root can). */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Sent to the child when this process dies. @default "SIGKILL" */
  readonly deathSignal?: NodeJS.Signals;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

// Bounded, because a server of the whole run prints a few lines for each refused statement.
const MAX_LINES = 20_000;
const LINES_IN_ERRORS = 500;
// A grandchild may hold the child's output open for ever: its last words are awaited no longer than
// this.
const LAST_WORDS_MS = 1_000;

/**
 * Starts a real process with no input. Resolves when it runs; rejects when it can't be started.
 * The child dies with this process, however this process ends.
 */
export async function startChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Child> {
  const process_ = spawn(command, [...args], {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    ...options.user,
  });
  await once(process_, "spawn");
  return new Child(options.name ?? command, process_, options.deathSignal ?? "SIGKILL");
}

/**
 * A process started by {@link startChild}. Disposing it kills it if it still runs, and waits for
 * its end.
 */
export class Child implements AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** The latest 20,000 lines of standard output, oldest first. */
  readonly stdoutLines: string[] = [];
  /** The latest 20,000 lines of standard error, oldest first. */
  readonly stderrLines: string[] = [];
  /** Resolves after the end of the process, when all that it printed has been read. */
  readonly exited: Promise<ChildExit>;
  readonly #allLines: string[] = [];
  readonly #lines = new EventEmitter<{ line: [string] }>().setMaxListeners(0);
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;

  constructor(
    name: string,
    process_: ChildProcessByStdio<null, Readable, Readable>,
    deathSignal: NodeJS.Signals,
  ) {
    this.name = name;
    this.#process = process_;
    this.pid = process_.pid!;
    this.#collect(process_.stdout, this.stdoutLines, "");
    this.#collect(process_.stderr, this.stderrLines, "stderr: ");
    const cleanUp = cleanUpAfterDeath({ pid: this.pid, signal: deathSignal });
    process_.once("exit", () => cleanUp.cancel());
    this.exited = exitOf(process_);
  }

  /** Whether the process has not ended yet. */
  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * What the process has printed so far on both streams (the latest lines), in the order it was
   * read.
   */
  get output(): string {
    return this.#allLines.slice(-LINES_IN_ERRORS).join("\n");
  }

  /**
   * Sends a signal (default SIGTERM); false when the process has ended. Await {@link exited} for
   * its end.
   */
  kill(signal: NodeJS.Signals = "SIGTERM"): boolean {
    return this.#process.kill(signal);
  }

  /**
   * The first line of either stream that matches, also of those printed before the call. Rejects,
   * with the output so far, when the process ends or the time (default 20 s) passes without such a
   * line.
   */
  async waitForLine(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const matches = (line: string): boolean => line.search(pattern) !== -1;
    const seen = [...this.stdoutLines, ...this.stderrLines].find(matches);
    if (seen !== undefined) return seen;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const onLine = (line: string): void => {
      if (matches(line)) resolve(line);
    };
    const fail = (what: string): void =>
      reject(
        new Error(`${this.name} ${what} and printed no line like ${pattern}. Its output:\n${this.output}`),
      );
    // Not setTimeout: a test may have replaced the clock.
    const timeout = AbortSignal.timeout(timeoutMs);
    const onTimeout = (): void => fail(`ran for ${timeoutMs} ms`);
    timeout.addEventListener("abort", onTimeout);
    this.#lines.on("line", onLine);
    void this.exited.then(({ code, signal }) => fail(`ended with ${signal ?? `exit code ${code}`}`));
    try {
      return await promise;
    } finally {
      this.#lines.off("line", onLine);
      timeout.removeEventListener("abort", onTimeout);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.kill("SIGKILL");
    await this.exited;
  }

  #collect(stream: Readable, lines: string[], mark: string): void {
    createInterface({ input: stream }).on("line", (line) => {
      keep(lines, line);
      keep(this.#allLines, mark + line);
      this.#lines.emit("line", line);
    });
  }
}

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > MAX_LINES) lines.shift();
}

function exitOf(process_: ChildProcessByStdio<null, Readable, Readable>): Promise<ChildExit> {
  const { promise, resolve } = Promise.withResolvers<ChildExit>();
  process_.once("close", (code, signal) => resolve({ code, signal }));
  process_.once("exit", (code, signal) => {
    AbortSignal.timeout(LAST_WORDS_MS).addEventListener("abort", () => resolve({ code, signal }));
  });
  return promise;
}

// `read` returns when the pipe's other end is closed: by the kernel, if its owner was killed.
const CLEAN_UP = `
read -r _
if [ -n "$1" ]; then
  kill -s "$2" "$1"
  tries=0
  while kill -0 "$1" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL "$1"
fi
if [ -n "$3" ]; then rm -rf -- "$3" || { sleep 2; rm -rf -- "$3"; }; fi
`;

/**
 * A shell that waits for the death of this process, be it by SIGKILL, and then ends the process
 * `pid` and removes the folder `dir`. It is a process of its own because handlers of "exit" don't
 * run when a process is killed.
 */
export function cleanUpAfterDeath(what: { pid?: number; signal?: NodeJS.Signals; dir?: string }): {
  cancel(): void;
} {
  const { pid = "", signal = "SIGKILL", dir = "" } = what;
  const args = ["-c", CLEAN_UP, "cleanup", String(pid), signal.replace(/^SIG/, ""), dir];
  // A group of its own: Ctrl-C in the terminal must not end it before its time.
  const shell = spawn("/bin/sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  // Without a shell (Windows) there is nothing to cancel, and what a killed run leaves behind
  // stays.
  shell.on("error", () => {});
  shell.unref();
  (shell.stdin as Socket).unref();
  return { cancel: () => void shell.kill("SIGKILL") };
}
