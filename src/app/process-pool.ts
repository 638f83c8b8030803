import type { Config } from "../config.ts";
import type { AppExtensions } from "./extensions.ts";
import { DefinitionError } from "../errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Registry } from "../task/registry.ts";
import { ProcessPool } from "../worker/pools/process-pool.ts";

export interface ProcessPoolParts {
  readonly config: Pick<Config, "concurrency" | "poolSize" | "maxMemoryPerChild" | "maxTasksPerChild">;
  readonly registry: Registry;
  readonly extensions?: AppExtensions;
  readonly log: Logger;
}

/**
 * The child processes of a worker; null when none of its definitions wants any.
 *
 * @throws DefinitionError when a definition that wants them came from no file
 */
export function makeProcessPool({
  config,
  registry,
  log,
  extensions = {},
}: ProcessPoolParts): ProcessPool | null {
  const names = registry
    .all()
    .filter(({ pool }) => pool === "processes")
    .map(({ name }) => name);
  if (names.length === 0) return null;
  const { concurrency, poolSize, maxMemoryPerChild, maxTasksPerChild } = config;
  return new ProcessPool({
    size: Math.min(concurrency, poolSize),
    maxMemoryPerChild,
    maxTasksPerChild,
    files: [...new Set(names.map((name) => pathOf(name, registry)))],
    configFile: extensions.middleware?.some(({ run }) => run !== undefined)
      ? (extensions.file ?? null)
      : null,
    cwd: process.cwd(),
    log,
  });
}

function pathOf(name: string, registry: Registry): string {
  const path = registry.pathOf(name);
  if (path !== undefined) return path;
  throw new DefinitionError(
    `Task ${JSON.stringify(name)} has pool: "processes", and was passed as a value: child processes load definitions from their files. ` +
      'Run it by `lovage worker` or `lovage up`, which find files by --tasks or LOVAGE_TASKS, or give it pool: "async".',
  );
}
