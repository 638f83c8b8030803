import { type ChildProcess, spawn } from "node:child_process";
import { SECOND } from "../../../lib/clock.ts";
import { DEV_VARIABLE, type FromDevChild, type ToDevChild } from "./join-dev.ts";

/** Times after the first signal: of the one that requeues running tasks, and of SIGKILL. */
const REQUEUE_AFTER_MS = 2 * SECOND;
const KILL_AFTER_MS = 8 * SECOND;

export interface DevProcessOptions {
  /** Arguments of the command line, such as `up --port 0`. */
  readonly args: readonly string[];
  readonly onFile: (path: string) => void;
  readonly onLoaded: (globs: readonly string[]) => void;
  readonly onReady: () => void;
  /** The exit code is null when a signal ended the process. */
  readonly onExit: (code: number | null) => void;
}

/**
 * One process of `lovage up` under `lovage dev`: loads its files, waits for its turn, and serves
 * until it is stopped.
 */
export class DevProcess {
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;

  constructor({ args, onFile, onLoaded, onReady, onExit }: DevProcessOptions) {
    this.#child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, [DEV_VARIABLE]: "1" },
    });
    this.#child.on("message", (message: FromDevChild) => {
      if (message.type === "file") onFile(message.path);
      else if (message.type === "loaded") onLoaded(message.globs);
      else onReady();
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    this.#child.once("exit", (code) => {
      resolve();
      onExit(code);
    });
  }

  /** Makes it serve. */
  go(): void {
    const message: ToDevChild = "go";
    // A failure to send means that the process ended, which its exit reports.
    this.#child.send(message, () => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops it like a deploy, but faster: running tasks are requeued after two seconds. */
  async stop(): Promise<void> {
    const timers = [
      setTimeout(() => this.kill("SIGTERM"), REQUEUE_AFTER_MS),
      setTimeout(() => this.kill("SIGKILL"), KILL_AFTER_MS),
    ];
    this.kill("SIGTERM");
    await this.exited;
    for (const timer of timers) clearTimeout(timer);
  }
}
