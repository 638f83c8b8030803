import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { ConfigError } from "../errors.ts";
import type { ConfigKey, GivenSettings, LoadedConfig, Role } from "../config/config.ts";
import { Output } from "./output.ts";

/** A command's options as commander gives them: by the flag's name in camel case. */
export type CommandOptions = Readonly<Record<string, unknown>>;

/** What every command gets. */
export class CommandContext {
  readonly output: Output;
  readonly cwd = process.cwd();

  constructor(readonly options: CommandOptions) {
    const {
      json = false,
      quiet = false,
      verbose = false,
      color = true,
    } = options as Partial<Record<string, boolean>>;
    this.output = new Output({ json, quiet, verbose, color });
  }

  /** An option's text; null when it was not given. */
  text(name: string): string | null {
    const value = this.options[name];
    return typeof value === "string" ? value : null;
  }

  /**
   * Reads `.env`, the environment, the configuration file and the flags. Warnings are printed.
   *
   * @param only settings that this command's flags speak of, where some of them mean something else. @default all
   * @throws ConfigError
   */
  async loadConfig(role: Role, only?: readonly ConfigKey[]): Promise<LoadedConfig> {
    const envFile = loadEnvFile(role);
    // Not before a command needs it: `--help` shall be quick.
    const { loadConfig } = await import("../config/config.ts");
    const configFile = this.text("config") ?? undefined;
    const flags = await this.#settings(only);
    const loaded = await loadConfig({ cwd: this.cwd, role, flags, configFile, envFile });
    for (const warning of loaded.warnings) this.output.note(`! ${warning}`);
    // Tasks read their folder from the environment, wherever this process got it from.
    if (loaded.config.dataDir !== null) process.env["LOVAGE_DATA_DIR"] = loaded.config.dataDir;
    return loaded;
  }

  async #settings(only?: readonly ConfigKey[]): Promise<GivenSettings> {
    const { CONFIG_KEYS, settingOf } = await import("../config/settings.ts");
    const given = (only ?? CONFIG_KEYS).map(
      (key) => [key, this.options[optionName(settingOf(key).flag)]] as const,
    );
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
  }
}

/** `--database-url` -> `databaseUrl`. */
function optionName(flag: string | undefined): string {
  return (flag ?? "").replace(/^--/, "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Takes the variables of `.env` that are not set yet into the environment. Those that change how Node itself works (such as whether it
 * checks certificates) are not for client commands: they run in folders of others, and send a token.
 *
 * @returns their names
 */
function loadEnvFile(role: Role): ReadonlySet<string> {
  const variables = Object.entries(readEnvFile()).filter(
    ([name]) => process.env[name] === undefined && !(role === "client" && /^NODE_(?!ENV$)/.test(name)),
  );
  for (const [name, value] of variables) process.env[name] = value;
  return new Set(variables.map(([name]) => name));
}

function readEnvFile(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(".env", "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      [`The file .env cannot be read: ${reason}. Correct its permissions, or move it away.`],
      { cause: error },
    );
  }
}
