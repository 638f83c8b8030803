import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { ConfigError } from "../errors.ts";
import type { ConfigKey, GivenSettings, LoadedConfig, Role } from "../config/config.ts";
import { Output } from "./output.ts";

/** Options as commander parses them, by the flag's name in camel case. */
export type CommandOptions = Readonly<Record<string, unknown>>;

/** The options, the output and the configuration of the command that runs. */
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

  /** The value of a string option; null when it is absent. */
  text(name: string): string | null {
    const value = this.options[name];
    return typeof value === "string" ? value : null;
  }

  /**
   * Reads `.env`, the environment, the configuration file and the flags, and prints warnings.
   *
   * @param only the settings that this command's flags set, where others of its flags have another
   *   meaning.
   * @default all
   * @throws ConfigError
   */
  async loadConfig(role: Role, only?: readonly ConfigKey[]): Promise<LoadedConfig> {
    const envFile = loadEnvFile(role);
    // Loaded when a command needs it, so that `--help` stays fast.
    const { loadConfig } = await import("../config/config.ts");
    const configFile = this.text("config") ?? undefined;
    const flags = await this.#settings(only);
    const loaded = await loadConfig({ cwd: this.cwd, role, flags, configFile, envFile });
    for (const warning of loaded.warnings) this.output.note(`! ${warning}`);
    // Tasks read their folder from the environment, whatever its source was.
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
 * Sets the variables of `.env` that are not set yet, and returns their names. Client commands
 * ignore those that change Node itself, such as whether it checks certificates: they run in folders
 * of other people, and send a token.
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
    throw new ConfigError([`Cannot read the file .env: ${reason}. Correct its permissions, or remove it.`], {
      cause: error,
    });
  }
}
