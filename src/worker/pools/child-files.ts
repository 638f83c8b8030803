import { importUserFile, shortPath, UserFileError } from "../../import-user-file.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "../../task/definition.ts";

/** The definitions that a child has loaded, and why others are missing. */
export class ChildFiles {
  readonly #definitions = new Map<string, AnyTaskDefinition>();
  readonly #problems: string[] = [];
  readonly #shown: string[] = [];

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Imports task files. One that fails leaves the others usable. */
  async load(files: readonly string[], cwd: string): Promise<void> {
    for (const file of files) {
      this.#shown.push(shortPath(file, cwd));
      try {
        for (const value of Object.values(await importUserFile(file, cwd))) {
          if (isTaskDefinition(value) && !this.#definitions.has(value.name))
            this.#definitions.set(value.name, value);
        }
      } catch (error) {
        if (!(error instanceof UserFileError)) throw error;
        this.#problems.push(error.message);
      }
    }
  }

  /** @throws Error that says which file could not be loaded and why, or that none has the definition */
  get(name: string): AnyTaskDefinition {
    const definition = this.#definitions.get(name);
    if (definition) return definition;
    const reason =
      this.#problems.length > 0
        ? `the child could not load its file. ${this.#problems.join(" ")}`
        : `none of the files that the child loaded exports it any more (${this.#shown.join(", ")}). Restart the worker.`;
    throw new Error(`${name} did not run: ${reason}`);
  }
}
