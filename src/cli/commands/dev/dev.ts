import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { DevProcess } from "./dev-process.ts";
import { DevWatch } from "./dev-watch.ts";

const SHOWN_FILES = 3;

/** `lovage dev`: runs `lovage up`, and restarts it when its files change. */
export async function dev(context: CommandContext): Promise<ExitCode> {
  const end = Promise.withResolvers<ExitCode>();
  const supervisor = new DevSupervisor(context, end.resolve);
  process.on("SIGINT", (signal) => supervisor.end(signal));
  process.on("SIGTERM", (signal) => supervisor.end(signal));
  supervisor.start();
  return end.promise;
}

/**
 * Runs one process that serves and at most one that will replace it. The next process loads its
 * files while the first still serves, so a file that fails to load changes nothing. Then the first
 * one ends, since both need the same port and the same embedded database.
 */
class DevSupervisor {
  readonly #watch: DevWatch;
  #serving: DevProcess | null = null;
  #next: DevProcess | null = null;
  #hasServed = false;
  #isEnding = false;

  constructor(
    private readonly context: CommandContext,
    private readonly onEnd: (code: ExitCode) => void,
  ) {
    this.#watch = new DevWatch(context.cwd, (files) => this.#changed(files));
  }

  start(): void {
    const next: DevProcess = new DevProcess({
      args: upInsteadOfDev(process.argv.slice(2)),
      onFile: (path) => this.#watch.add(path),
      onLoaded: (globs) => {
        this.#watch.globs = globs;
        void this.#replace(next);
      },
      onReady: () => {
        this.#hasServed = true;
        this.#watch.failed = false;
        void this.#noteWatch();
      },
      onExit: (code) => this.#exited(next, code),
    });
    this.#next = next;
  }

  /** Ends after the serving process, which receives each signal. */
  end(signal: NodeJS.Signals): void {
    this.#isEnding = true;
    void this.#watch.close();
    this.#next?.kill("SIGKILL");
    if (this.#serving === null) this.onEnd(EXIT.ok);
    else this.#serving.kill(signal);
  }

  async #noteWatch(): Promise<void> {
    await this.#watch.ready;
    this.context.output.note("  Dev       restarts when a task file, its imports or a setting changes");
  }

  #changed(files: readonly string[]): void {
    if (this.#isEnding) return;
    const more = files.length - SHOWN_FILES;
    const names = files.slice(0, SHOWN_FILES).join(", ") + (more > 0 ? ` and ${more} more` : "");
    this.context.output.note(`↻ ${names} changed`);
    this.#next?.kill("SIGKILL");
    this.start();
  }

  async #replace(next: DevProcess): Promise<void> {
    await this.#serving?.stop();
    // Another change or Ctrl-C may have arrived meanwhile.
    if (this.#next !== next || this.#isEnding) return;
    this.#next = null;
    this.#serving = next;
    next.go();
  }

  #exited(process_: DevProcess, code: number | null): void {
    if (process_ === this.#serving) this.#servingExited(code);
    else if (process_ === this.#next) this.#loadingFailed(code);
  }

  #loadingFailed(code: number | null): void {
    this.#next = null;
    this.#watch.failed = true;
    if (this.#isEnding) return;
    const rest = this.#serving === null ? "" : "; the previous version continues";
    this.context.output.note(`↻ ${ending(code)}: waiting for a change${rest}`);
  }

  #servingExited(code: number | null): void {
    this.#serving = null;
    if (this.#isEnding) this.onEnd((code ?? EXIT.interrupted) as ExitCode);
    // It was stopped so that the next one can serve.
    else if (this.#next !== null) return;
    // A problem that no file change solves, such as a port in use, ends the first start like
    // `lovage up`.
    else if (!this.#hasServed && code !== EXIT.data && code !== EXIT.config) {
      void this.#watch.close();
      this.onEnd((code ?? EXIT.bug) as ExitCode);
    } else {
      this.#watch.failed = true;
      this.context.output.note(`↻ ${ending(code)}: waiting for a change`);
    }
  }
}

function ending(code: number | null): string {
  return code === null ? "The process was ended by a signal" : `The process ended with exit code ${code}`;
}

function upInsteadOfDev(args: readonly string[]): string[] {
  return args.with(args.indexOf("dev"), "up");
}
