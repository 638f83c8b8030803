import { type ChildProcess, spawn } from "node:child_process";
import { SECOND } from "../../../lib/clock.ts";
import { DEV_VARIABLE, type FromDevChild, type ToDevChild } from "./join-dev.ts";

/** From the first signal to the one that gives running tasks back, and from that to the end without mercy. */
const GIVE_BACK_AFTER_MS = 2 * SECOND;
const KILL_AFTER_MS = 8 * SECOND;

export interface DevProcessOptions {
  /** Arguments of the command line, such as `up --port 0`. */
  readonly args: readonly string[];
  readonly onFile: (path: string) => void;
  readonly onLoaded: (globs: readonly string[]) => void;
  readonly onReady: () => void;
  /** Its exit code is null when a signal ended it. */
  readonly onExit: (code: number | null) => void;
}

/** One run of `lovage up` under `lovage dev`: it loads its files, waits for its turn, and serves until it is stopped. */
export class DevProcess {
  /** Resolves after its end. */
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

  /** Lets it serve. */
  go(): void {
    const message: ToDevChild = "go";
    // One that ends in this moment says so by its exit.
    this.#child.send(message, () => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops it as a deploy would, but sooner: what runs is given back after two seconds. */
  async stop(): Promise<void> {
    const timers = [
      setTimeout(() => this.kill("SIGTERM"), GIVE_BACK_AFTER_MS),
      setTimeout(() => this.kill("SIGKILL"), KILL_AFTER_MS),
    ];
    this.kill("SIGTERM");
    await this.exited;
    for (const timer of timers) clearTimeout(timer);
  }
}
