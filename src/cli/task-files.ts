import type { Config } from "../config/config.ts";
import { discoverDefinitions, refuseNoDefinitions } from "../loading/discovery.ts";
import { Registry } from "../task/definition/registry.ts";

/**
 * Loads the definitions of the task files.
 *
 * @throws DefinitionError for files that cannot be loaded, and for none
 */
export async function loadRegistry({ tasks: globs }: Config, cwd: string): Promise<Registry> {
  const search = { globs, cwd };
  const tasks = await discoverDefinitions(search);
  await refuseNoDefinitions(tasks, search);
  return new Registry(tasks);
}
