import { basename, matchesGlob, relative, resolve } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { CONFIG_FILES, TASK_FILES } from "../../../loading/user-files.ts";

/** An editor writes a file in several steps: changes within this time count as one. */
const SETTLE_MS = 100;
const CODE = /\.(?:[cm]?[jt]s|json)$/;

/** Watches the files below a folder that `lovage up` depends on, and imported files outside. */
export class DevWatch {
  /** Whether every code file counts: after a failed start, the file that it lacks may be new. */
  failed = false;
  #globs: readonly string[] = [TASK_FILES];
  readonly #files = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #watcher: FSWatcher;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly cwd: string,
    private readonly onChange: (files: readonly string[]) => void,
  ) {
    this.#watcher = watch(cwd, {
      ignoreInitial: true,
      ignored: (path) => path !== cwd && /^(?:node_modules|\.(?!env$).*)$/.test(basename(path)),
    });
    this.#watcher.on("all", (event, path) => this.#note(event, path));
    // An unreadable folder, or too many of them: the others are still watched.
    this.#watcher.on("error", () => undefined);
  }

  /** Adds an imported file. */
  add(file: string): void {
    if (this.#files.has(file)) return;
    this.#files.add(file);
    if (relative(this.cwd, file).startsWith("..")) this.#watcher.add(file);
  }

  /** The globs that new task files match. */
  set globs(globs: readonly string[]) {
    this.#globs = globs;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #note(event: string, path: string): void {
    if (event.endsWith("Dir") || !this.#counts(event, path)) return;
    this.#changed.add(relative(this.cwd, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed].sort();
      this.#changed.clear();
      this.onChange(files);
    }, SETTLE_MS);
  }

  #counts(event: string, path: string): boolean {
    if (this.#files.has(path)) return true;
    const settings = [...CONFIG_FILES, ".env", "package.json"].map((name) => resolve(this.cwd, name));
    if (settings.includes(path) || (this.failed && CODE.test(path))) return true;
    return event === "add" && this.#isTaskFile(path);
  }

  #isTaskFile(path: string): boolean {
    const fromHere = relative(this.cwd, path);
    return this.#globs.some((glob) => {
      // Like the search for task files: files in dist count only if the glob names it.
      if (/(?:^|\/)dist\//.test(fromHere) && !/(?:^|\/)dist(?:\/|$)/.test(glob)) return false;
      const isInFolder = path.startsWith(`${resolve(this.cwd, glob)}/`);
      return matchesGlob(fromHere, isInFolder ? TASK_FILES : glob);
    });
  }
}
