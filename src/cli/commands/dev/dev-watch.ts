import { readdir } from "node:fs/promises";
import { basename, join, matchesGlob, relative, resolve } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { CONFIG_FILES, TASK_FILES } from "../../../loading/user-files.ts";

/** An editor writes a file in several steps: changes within this time count as one. */
const SETTLE_MS = 100;
/**
 * chokidar reads a new folder and then begins to watch it: it misses a file that is written in
 * between. So a new folder is read again, and once more for a machine that was busy.
 */
const READ_AGAIN_AFTER_MS = [100, 1_000];
const CODE = /\.(?:[cm]?[jt]s|json)$/;

/** Watches the files below a folder that `lovage up` depends on, and imported files outside. */
export class DevWatch {
  /** Whether every code file counts: after a failed start, the file that it lacks may be new. */
  failed = false;
  /** Resolves when the folder has been read: later changes are reported. */
  readonly ready: Promise<void>;
  #globs: readonly string[] = [TASK_FILES];
  readonly #files = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #watcher: FSWatcher;
  readonly #readAgain = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly cwd: string,
    private readonly onChange: (files: readonly string[]) => void,
  ) {
    this.#watcher = watch(cwd, {
      ignoreInitial: true,
      ignored: (path) => path !== cwd && isIgnored(path),
    });
    this.#watcher.on("all", (event, path) => this.#note(event, path));
    this.#watcher.on("addDir", (path) => this.#readLater(path));
    const { promise, resolve: isReady } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#watcher.once("ready", isReady);
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
    for (const timer of this.#readAgain) clearTimeout(timer);
    await this.#watcher.close();
  }

  #readLater(folder: string): void {
    for (const ms of READ_AGAIN_AFTER_MS) {
      const timer = setTimeout(() => {
        this.#readAgain.delete(timer);
        void this.#addMissed(folder);
      }, ms);
      this.#readAgain.add(timer);
    }
  }

  /** Adds what chokidar does not know of a folder. */
  async #addMissed(folder: string): Promise<void> {
    // A folder that is gone or unreadable has nothing to add.
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const known = new Set(this.#watcher.getWatched()[folder]);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (this.#watcher.closed || known.has(entry.name) || isIgnored(path)) continue;
      this.#watcher.add(path);
      if (entry.isDirectory()) await this.#addMissed(path);
      else this.#note("add", path);
    }
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

function isIgnored(path: string): boolean {
  return /^(?:node_modules|\.(?!env$).*)$/.test(basename(path));
}
