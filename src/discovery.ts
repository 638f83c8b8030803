import { stat, realpath, glob } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { DefinitionError } from "./errors.ts";
import { importUserFile, shortPath, UserFileError } from "./import-user-file.ts";
import { resolveOwnPackage } from "./own-package.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "./task/definition.ts";
import type { FoundDefinition } from "./task/registry.ts";

export interface DiscoveryOptions {
  /** Globs, folders and files, absolute or below `cwd`. */
  readonly globs: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
}

const TASK_FILES = "**/*.tasks.{ts,js,mjs}";

/**
 * Imports the files that the globs match and collects every task definition that they export, in the order of their paths.
 * Skips `node_modules`, `dist` and dot folders, unless a glob names them.
 *
 * @throws DefinitionError that names every file that cannot be loaded, with line and column, or a file that is not there
 */
export async function discoverDefinitions({ globs, cwd }: DiscoveryOptions): Promise<FoundDefinition[]> {
  resolveOwnPackage();
  const found = new Map<AnyTaskDefinition, FoundDefinition>();
  const problems = new Set<string>();
  for (const file of await findFiles(globs, cwd)) {
    try {
      // A definition that a second file re-exports stays with the file that comes first.
      for (const value of Object.values(await importUserFile(file, cwd))) {
        if (isTaskDefinition(value) && !found.has(value))
          found.set(value, { definition: value, file: shortPath(file, cwd), path: file });
      }
    } catch (error) {
      if (!(error instanceof UserFileError)) throw error;
      problems.add(error.message);
    }
  }
  if (problems.size > 0) throw new DefinitionError([...problems].join("\n"));
  return [...found.values()];
}

/** For roles that cannot do without tasks. @throws DefinitionError that names the globs and the folder */
export function refuseNoDefinitions(
  found: readonly FoundDefinition[],
  { globs, cwd }: DiscoveryOptions,
): void {
  if (found.length > 0) return;
  throw new DefinitionError(
    `No task definitions were found by ${globs.join(", ")} in ${cwd}. ` +
      "Name the files with --tasks or LOVAGE_TASKS, and export what defineTask returns from them.",
  );
}

async function findFiles(globs: readonly string[], cwd: string): Promise<string[]> {
  const files = new Set<string>();
  for (const pattern of globs) {
    const literal = resolve(cwd, pattern);
    const kind = await kindOf(literal);
    if (kind === "file") files.add(await realpath(literal));
    else if (kind === "folder") await addMatches(files, TASK_FILES, literal, []);
    else if (isLiteral(pattern))
      throw new DefinitionError(
        `There is no file ${shortPath(literal, cwd)}. Correct --tasks or LOVAGE_TASKS.`,
      );
    else await addMatches(files, pattern, cwd, pattern.split("/"));
  }
  return [...files].sort();
}

async function addMatches(
  files: Set<string>,
  pattern: string,
  cwd: string,
  named: readonly string[],
): Promise<void> {
  const isSkipped = (path: string): boolean => {
    const name = basename(path);
    return /^(?:node_modules|dist|\..+)$/.test(name) && !named.includes(name);
  };
  for await (const match of glob(pattern, { cwd, exclude: isSkipped })) {
    const path = resolve(cwd, match);
    if ((await kindOf(path)) === "file") files.add(await realpath(path));
  }
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile()) return "file";
  return stats?.isDirectory() ? "folder" : null;
}

function isLiteral(pattern: string): boolean {
  return !/[*?[\]{}!()]/.test(pattern);
}
