import { ConfigError } from "../errors.ts";
import type { ConfigKey, GivenSettings, LoadedConfig, Role } from "../config.ts";
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
    loadEnvFile();
    // Not before a command needs it: `--help` shall be quick.
    const { loadConfig } = await import("../config.ts");
    const configFile = this.text("config") ?? undefined;
    const loaded = await loadConfig({ cwd: this.cwd, role, flags: await this.#settings(only), configFile });
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

function loadEnvFile(): void {
  try {
    process.loadEnvFile(".env");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      [`The file .env cannot be read: ${reason}. Correct its permissions, or move it away.`],
      { cause: error },
    );
  }
}
