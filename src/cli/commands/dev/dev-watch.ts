import { basename, matchesGlob, relative, resolve } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { CONFIG_FILES, TASK_FILES } from "../../../loading/user-files.ts";

/** An editor writes a file in several steps. */
const SETTLE_MS = 100;
const CODE = /\.(?:[cm]?[jt]s|json)$/;

/** Watches the files that `lovage up` depends on below a folder, and those outside that it imports. */
export class DevWatch {
  /** Whether every file of code counts: set while a start failed, as what it lacks may be new. */
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
    // A folder that cannot be read, or too many to watch: what can be watched still is.
    this.#watcher.on("error", () => undefined);
  }

  /** A file that was imported. */
  add(file: string): void {
    if (this.#files.has(file)) return;
    this.#files.add(file);
    if (relative(this.cwd, file).startsWith("..")) this.#watcher.add(file);
  }

  /** The globs of task files, by which new ones are known. */
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
      // As the search for task files has it: a build counts where it is named.
      if (/(?:^|\/)dist\//.test(fromHere) && !/(?:^|\/)dist(?:\/|$)/.test(glob)) return false;
      const isInFolder = path.startsWith(`${resolve(this.cwd, glob)}/`);
      return matchesGlob(fromHere, isInFolder ? TASK_FILES : glob);
    });
  }
}
