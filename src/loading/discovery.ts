import { stat, realpath, glob } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { DefinitionError } from "../errors.ts";
import { exportedValues, importUserFile, shortPath, UserFileError } from "./import-user-file.ts";
import { withoutCompiled } from "./compiled-files.ts";
import { hookUserModules } from "./hooks.ts";
import { TASK_FILES } from "./user-files.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "../task/definition/definition.ts";
import type { FoundDefinition } from "../task/definition/registry.ts";

export interface DiscoveryOptions {
  /** Globs, folders and files, absolute or below `cwd`. */
  readonly globs: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
}

/**
 * Imports the files that the globs match and collects every task definition that they export, in
 * the order of their paths. Skips `node_modules`, `dist` and dot folders, unless a glob names them.
 * `dist` counts where nothing else is found, as in a deployed folder that has no sources. A
 * compiled file does not count beside its source.
 *
 * @throws DefinitionError that names every file that cannot be loaded, with line and column, or a
 *   file that is not there
 */
export async function discoverDefinitions({ globs, cwd }: DiscoveryOptions): Promise<FoundDefinition[]> {
  hookUserModules();
  const found = new Map<AnyTaskDefinition, FoundDefinition>();
  const problems = new Set<string>();
  for (const file of await findFiles(globs, cwd)) {
    try {
      // A definition that a second file re-exports stays with the file that comes first.
      for (const value of exportedValues(await importUserFile(file, cwd))) {
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

/**
 * Refuses an empty list of definitions, for roles that need tasks.
 *
 * @throws DefinitionError that names the files without a definition, or the globs that match no
 *   file
 */
export async function refuseNoDefinitions(
  found: readonly FoundDefinition[],
  { globs, cwd }: DiscoveryOptions,
): Promise<void> {
  if (found.length > 0) return;
  const files = (await findFiles(globs, cwd)).map((file) => shortPath(file, cwd));
  if (files.length === 0) {
    throw new DefinitionError(
      `No task files were found by ${globs.join(", ")} in ${cwd}. Name the files with --tasks or LOVAGE_TASKS.`,
    );
  }
  const more = files.length - MAX_LISTED;
  const names = files.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  throw new DefinitionError(
    `No task definition is exported by ${names}. Export what defineTask returns, such as: export const task = defineTask({ … });`,
  );
}

/** Files listed in a message. */
const MAX_LISTED = 5;

const SKIPPED = /^(?:node_modules|\..+)$/;
const SKIPPED_WITH_BUILDS = /^(?:node_modules|dist|\..+)$/;

interface Search {
  readonly pattern: string;
  /** Absolute path. */
  readonly folder: string;
  /** Parts of the pattern: a folder that one of them names is not skipped. */
  readonly parts: readonly string[];
}

/** Files that the globs match, absolute, in the order of their paths. */
async function findFiles(globs: readonly string[], cwd: string): Promise<string[]> {
  const named = new Set<string>();
  const searches: Search[] = [];
  for (const pattern of globs) {
    const literal = resolve(cwd, pattern);
    const kind = await kindOf(literal);
    if (kind === "file") named.add(await realpath(literal));
    else if (kind === "folder") searches.push({ pattern: TASK_FILES, folder: literal, parts: [] });
    else if (isLiteral(pattern))
      throw new DefinitionError(
        `There is no file ${shortPath(literal, cwd)}. Correct --tasks or LOVAGE_TASKS.`,
      );
    else searches.push({ pattern, folder: cwd, parts: pattern.split("/") });
  }
  let matches = await matchesOf(searches, SKIPPED_WITH_BUILDS);
  if (matches.length === 0 && named.size === 0) matches = await matchesOf(searches, SKIPPED);
  return [...new Set([...named, ...withoutCompiled(matches)])].sort();
}

async function matchesOf(searches: readonly Search[], skipped: RegExp): Promise<string[]> {
  const files: string[] = [];
  for (const { pattern, folder, parts } of searches) {
    const exclude = (path: string): boolean => {
      const name = basename(path);
      return skipped.test(name) && !parts.includes(name);
    };
    for await (const match of glob(pattern, { cwd: folder, exclude })) {
      const path = resolve(folder, match);
      if ((await kindOf(path)) === "file") files.push(await realpath(path));
    }
  }
  return files;
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile()) return "file";
  return stats?.isDirectory() ? "folder" : null;
}

function isLiteral(pattern: string): boolean {
  return !/[*?[\]{}!()]/.test(pattern);
}
