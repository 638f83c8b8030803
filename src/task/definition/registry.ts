import { DefinitionError } from "../../errors.ts";
import type { AnyTaskDefinition } from "./definition.ts";

/** A definition with the file that it comes from, for messages. */
export interface FoundDefinition {
  readonly definition: AnyTaskDefinition;
  readonly file: string | null;
  /**
   * Returns the absolute path of the file of a definition; undefined if it was passed as a value.
   */
  readonly path?: string;
}

/** The definitions of one app by name. Names must match exactly. */
export class Registry {
  readonly #byName: ReadonlyMap<string, AnyTaskDefinition>;
  readonly #paths: ReadonlyMap<string, string>;

  /**
   * @throws DefinitionError if two definitions have the same name or the same GraphQL names. Names
   *   both files.
   */
  constructor(found: readonly FoundDefinition[]) {
    const byName = new Map<string, FoundDefinition>();
    const byField = new Map<string, FoundDefinition>();
    for (const entry of found) {
      refuseTwins(byName.get(entry.definition.name), entry, `the name "${entry.definition.name}"`);
      byName.set(entry.definition.name, entry);
      const field = entry.definition.mutationField;
      if (field === null) continue;
      refuseTwins(byField.get(field), entry, `the mutation "${field}"`);
      byField.set(field, entry);
    }
    this.#byName = new Map([...byName].map(([name, entry]) => [name, entry.definition]));
    this.#paths = new Map(
      [...byName].flatMap(([name, { path }]) => (path === undefined ? [] : [[name, path]])),
    );
  }

  get(name: string): AnyTaskDefinition | undefined {
    return this.#byName.get(name);
  }

  /**
   * Absolute path of the file that a definition came from; undefined for one that was passed as a
   * value.
   */
  pathOf(name: string): string | undefined {
    return this.#paths.get(name);
  }

  /** Returns all definitions, sorted by name. */
  all(): AnyTaskDefinition[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(): string[] {
    return this.all().map((definition) => definition.name);
  }
}

function refuseTwins(first: FoundDefinition | undefined, second: FoundDefinition, what: string): void {
  if (!first || first.definition === second.definition) return;
  const files = [first.file, second.file].filter((file) => file !== null);
  throw new DefinitionError(
    `Two task definitions ("${first.definition.name}" and "${second.definition.name}") have ${what}. Rename one${
      files.length === 2 && files[0] !== files[1] ? ", or name the files to load with --tasks" : ""
    }.`,
    files,
  );
}
