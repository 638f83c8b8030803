import { toError } from "../../../lib/thrown.ts";
import {
  defaultExport,
  exportedValues,
  importUserFile,
  shortPath,
  UserFileError,
} from "../../../loading/import-user-file.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "../../../task/definition/definition.ts";
import type { Extensions, Middleware } from "../../../task/definition/middleware.ts";

/** The definitions that a child has loaded, and why others could not be loaded. */
export class ChildFiles {
  readonly #definitions = new Map<string, AnyTaskDefinition>();
  readonly #problems: string[] = [];
  readonly #shown: string[] = [];
  #middleware: readonly Middleware[] = [];
  #configProblem: string | null = null;

  /** The middleware around the code of every task. */
  get middleware(): readonly Middleware[] {
    return this.#middleware;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Imports task files. When one fails, the others stay usable. */
  async load(files: readonly string[], cwd: string): Promise<void> {
    for (const file of files) {
      this.#shown.push(shortPath(file, cwd));
      try {
        for (const value of exportedValues(await importUserFile(file, cwd))) {
          if (isTaskDefinition(value) && !this.#definitions.has(value.name))
            this.#definitions.set(value.name, value);
        }
      } catch (error) {
        if (!(error instanceof UserFileError)) throw error;
        this.#problems.push(error.message);
      }
    }
  }

  /**
   * Imports a configuration file for its middleware. Without it no task runs: tasks may rely on it.
   */
  async loadConfig(file: string, cwd: string): Promise<void> {
    try {
      const config = defaultExport(await importUserFile(file, cwd));
      const { middleware = [] } = (config ?? {}) as Extensions;
      this.#middleware = middleware.filter(({ run }) => run !== undefined);
    } catch (error) {
      this.#configProblem = toError(error).message;
      this.#problems.push(this.#configProblem);
    }
  }

  /** Returns undefined when no loaded file exports the definition. */
  find(name: string): AnyTaskDefinition | undefined {
    return this.#definitions.get(name);
  }

  /**
   * @throws Error naming the file that could not be loaded and why, or the files that do not export
   * the definition
   */
  get(name: string): AnyTaskDefinition {
    if (this.#configProblem !== null)
      throw new Error(`${name} did not run: the child could not load its middleware. ${this.#configProblem}`);
    const definition = this.#definitions.get(name);
    if (definition) return definition;
    const reason =
      this.#problems.length > 0
        ? `the child could not load its file. ${this.#problems.join(" ")}`
        : `no file that the child has loaded exports it any more (${this.#shown.join(", ")}). Restart the worker.`;
    throw new Error(`${name} did not run: ${reason}`);
  }
}
