import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { defaultExport, importUserFile, shortPath, UserFileError } from "../loading/import-user-file.ts";
import { hookUserModules } from "../loading/hooks.ts";
import { CONFIG_FILES } from "../loading/user-files.ts";

/** The default export of a configuration file, not yet checked. */
export interface ConfigFile {
  /** Path relative to the working folder. */
  readonly name: string;
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Imports the configuration file: `named`, or the first of the usual names in `cwd`. Returns null
 * if there is none.
 *
 * @throws ConfigError if it cannot be loaded or does not export an object
 */
export async function readConfigFile(cwd: string, named: string | undefined): Promise<ConfigFile | null> {
  const path = await findFile(cwd, named);
  if (path === null) return null;
  const name = shortPath(path, cwd);
  hookUserModules();
  const exports = await importUserFile(path, cwd).catch((error: unknown) => {
    throw error instanceof UserFileError ? new ConfigError([error.message], { cause: error }) : error;
  });
  const values = defaultExport(exports);
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new ConfigError([
      `${name} has no settings as its default export. Write: export default defineConfig({ … });`,
    ]);
  }
  return { name, path, values: values as Record<string, unknown> };
}

async function findFile(cwd: string, named: string | undefined): Promise<string | null> {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (await exists(path)) return path;
    throw new ConfigError([`There is no configuration file ${path}. Correct --config, or leave it out.`]);
  }
  for (const name of CONFIG_FILES) {
    const path = resolve(cwd, name);
    if (await exists(path)) return path;
  }
  return null;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
