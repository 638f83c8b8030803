import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { DevProcess } from "./dev-process.ts";
import { DevWatch } from "./dev-watch.ts";

const SHOWN_FILES = 3;

/** `lovage dev`: `lovage up` that starts again whenever its files change. */
export async function dev(context: CommandContext): Promise<ExitCode> {
  const end = Promise.withResolvers<ExitCode>();
  const supervisor = new DevSupervisor(context, end.resolve);
  process.on("SIGINT", (signal) => supervisor.end(signal));
  process.on("SIGTERM", (signal) => supervisor.end(signal));
  supervisor.start();
  return end.promise;
}

/**
 * Runs one process that serves and at most one that is to follow it. The next one loads its files first, while the other still serves:
 * when that fails, nothing is lost. Only then the first one ends, as both want the same port and the same embedded database.
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
        this.context.output.note(
          "  Dev       starts again when a task file, what it imports or a setting changes",
        );
      },
      onExit: (code) => this.#exited(next, code),
    });
    this.#next = next;
  }

  /** Ends with what runs: each signal goes on to it. */
  end(signal: NodeJS.Signals): void {
    this.#isEnding = true;
    void this.#watch.close();
    this.#next?.kill("SIGKILL");
    if (this.#serving === null) this.onEnd(EXIT.ok);
    else this.#serving.kill(signal);
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
    // A further change may have come, or Ctrl-C.
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
    const rest = this.#serving === null ? "" : "; the version before it goes on";
    this.context.output.note(`↻ ${ending(code)}: waiting for a change${rest}`);
  }

  #servingExited(code: number | null): void {
    this.#serving = null;
    if (this.#isEnding) this.onEnd((code ?? EXIT.interrupted) as ExitCode);
    // It was stopped for the next one.
    else if (this.#next !== null) return;
    // What no change of a file mends, such as a port in use, ends the first start as it ends `lovage up`.
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
  return code === null ? "A signal ended it" : `It ended with exit code ${code}`;
}

function upInsteadOfDev(args: readonly string[]): string[] {
  return args.with(args.indexOf("dev"), "up");
}
