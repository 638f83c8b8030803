import { resolve } from "node:path";
import { EXTENSION_KEYS, readExtensions } from "./extensions.ts";
import { ENCODE_REMEDY } from "../lib/net/service-url.ts";
import { didYouMean, unknownNames } from "../lib/suggestion.ts";
import { type ConfigFile, readConfigFile } from "./file.ts";
import { showFound } from "./mask.ts";
import { findRuleBreaks, type Role } from "./rules.ts";
import {
  type Config,
  type ConfigInput as SettingsInput,
  type ConfigKey,
  CONFIG_KEYS,
  configSchema,
  settingOf,
} from "./settings.ts";
import { showSetting } from "./show.ts";
import { ConfigError } from "../errors.ts";
import { hostTimeZone } from "../task/timing/zone-names.ts";
import type { Extensions } from "../task/definition/middleware.ts";

export type { Role } from "./rules.ts";
export type { Config, ConfigKey } from "./settings.ts";

/** The contents of `lovage.config.ts`: any settings, hooks and middleware. */
export type ConfigInput = SettingsInput & Extensions;

/**
 * Prefix of the environment variables that are settings, except some common ones such as
 * DATABASE_URL.
 */
const PREFIX = "LOVAGE_";

type ConfigSource = "flag" | "environment" | ".env" | "file" | "default";
/**
 * Settings by key, as flags or callers give them: strings, or values as in the file. `undefined`:
 * not given.
 */
export type GivenSettings = Readonly<Partial<Record<ConfigKey, unknown>>>;

export interface LoadOptions {
  readonly flags?: GivenSettings;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Names of the variables in `env` that come from a `.env` file, not from the environment of the
   * process.
   * @default none
   */
  readonly envFile?: ReadonlySet<string>;
  /**
   * Folder of the configuration file; folders in settings are relative to it.
   * @default process.cwd()
   */
  readonly cwd?: string;
  /** The configuration file. @default `lovage.config.{ts,js,mjs}` in `cwd` */
  readonly configFile?: string | undefined;
  /** Role whose rules between settings are checked. @default "client": none */
  readonly role?: Role;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Hooks and middleware of the configuration file. */
  readonly extensions: Extensions;
  readonly sources: Readonly<Record<ConfigKey, ConfigSource>>;
  /** Path of the configuration file; null if there is none. */
  readonly file: string | null;
  /**
   * Warnings: a variable with the prefix LOVAGE_ that is not a setting; an unknown time zone of the
   * machine.
   */
  readonly warnings: readonly string[];
}

/** Types the settings of a `lovage.config.ts`: `export default defineConfig({ … })`. */
export function defineConfig(settings: ConfigInput): ConfigInput {
  return settings;
}

/**
 * Reads the settings. A flag overrides the environment, which overrides the file, which overrides
 * the default.
 *
 * @throws ConfigError with all mistakes: the key as given, the rule, the value and the remedy
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const file = await readConfigFile(options.cwd ?? process.cwd(), options.configFile);
  return resolveConfig(options, file);
}

/**
 * Reads the settings like `loadConfig`, but without a file.
 *
 * @throws ConfigError
 */
export function resolveConfig(options: LoadOptions, file: ConfigFile | null = null): LoadedConfig {
  const { env = process.env, cwd = process.cwd(), role = "client" } = options;
  const entries = CONFIG_KEYS.map((key) => readKey(key, findGiven(key, { ...options, env }, file)));
  const config = Object.freeze(collect(entries, ({ key, value }) => inFolder(key, value, cwd))) as Config;
  const wrong = entries.filter(({ problems: own }) => own.length > 0);
  const misfits: string[] = [];
  const extensions = readExtensions(file, misfits);
  const given = entries.filter(({ source }) => source !== "default");
  const keysOf = (some: readonly Entry[]): Set<ConfigKey> => new Set(some.map(({ key }) => key));
  const problems = [
    ...unknownKeys(file),
    ...misfits,
    ...wrong.flatMap(({ problems: own }) => own),
    ...findRuleBreaks(config, role, keysOf(wrong), keysOf(given)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const sources = collect(entries, ({ source }) => source);
  const warnings = [...unknownVariables(env), ...(sources.timeZone === "default" ? unknownHostZone() : [])];
  return { config, extensions, sources, file: file?.path ?? null, warnings };
}

interface Given {
  readonly source: ConfigSource;
  /** Where the user wrote the value, for messages. */
  readonly origin: string;
  readonly value: unknown;
}

function findGiven(
  key: ConfigKey,
  { flags = {}, env, envFile }: LoadOptions & Required<Pick<LoadOptions, "env">>,
  file: ConfigFile | null,
): Given | null {
  const setting = settingOf(key);
  if (isGiven(flags[key])) return { source: "flag", origin: setting.flag ?? "given", value: flags[key] };
  const variable = env[setting.env];
  // Shells and compose files cannot unset a variable: an empty one is not set.
  if (variable !== undefined && variable !== "") {
    const value = setting.fromEnv ? setting.fromEnv(variable) : variable;
    const source = envFile?.has(setting.env) ? ".env" : "environment";
    return { source, origin: setting.env, value };
  }
  const value = file?.values[key];
  return isGiven(value) ? { source: "file", origin: file!.name, value } : null;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

interface Entry {
  readonly key: ConfigKey;
  readonly source: ConfigSource;
  /** The checked value; the default if none was given or it was wrong. */
  readonly value: unknown;
  readonly problems: readonly string[];
}

function readKey(key: ConfigKey, given: Given | null): Entry {
  const schema = configSchema.shape[key];
  const standard: unknown = schema.parse(undefined);
  if (given === null) return { key, source: "default", value: standard, problems: [] };
  const parsed = schema.safeParse(given.value);
  if (parsed.success) return { key, source: given.source, value: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(({ message, path, ...issue }) => {
    // A setting with parts reports which part is wrong.
    const part =
      "params" in issue && issue.params && "found" in issue.params ? issue.params["found"] : given.value;
    const where = `${[key, ...path].join(".")} (${given.origin})`;
    const found = showFound(part, settingOf(key));
    return `${where}: expected ${message}, got ${found}. ${remedyOf(key, standard)}`;
  });
  return { key, source: given.source, value: standard, problems };
}

function collect<T>(entries: readonly Entry[], valueOf: (entry: Entry) => T): Record<ConfigKey, T> {
  return Object.fromEntries(entries.map((entry) => [entry.key, valueOf(entry)])) as Record<ConfigKey, T>;
}

function remedyOf(key: ConfigKey, standard: unknown): string {
  if (settingOf(key).url) return ENCODE_REMEDY;
  const shown = showSetting(key, standard);
  return `Correct it, or leave it out${shown === "" ? "" : ` for ${shown}`}.`;
}

function inFolder(key: ConfigKey, value: unknown, cwd: string): unknown {
  return settingOf(key).path && typeof value === "string" ? resolve(cwd, value) : value;
}

function unknownKeys(file: ConfigFile | null): string[] {
  if (file === null) return [];
  const known: readonly string[] = [...CONFIG_KEYS, ...EXTENSION_KEYS];
  return unknownNames(Object.keys(file.values), known).map(
    ({ name, remedy }) => `${name} (${file.name}): there is no such setting. ${remedy}`,
  );
}

function unknownHostZone(): string[] {
  const { unknown } = hostTimeZone();
  if (unknown === null) return [];
  return [
    `timeZone: the time zone of this machine is not known (TZ is empty or wrong; Intl reports ${JSON.stringify(unknown)}). Schedules without a time zone use UTC. Set LOVAGE_TIME_ZONE, for example to Europe/Vienna, or correct TZ.`,
  ];
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = CONFIG_KEYS.map((key) => settingOf(key).env);
  const ours = known.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => {
      // Without the common prefix, which would make short names similar.
      const hint = didYouMean(name.slice(PREFIX.length), ours, "Remove it.", (near) => PREFIX + near);
      return `${name} is set, but there is no such setting. ${hint}`;
    });
}
