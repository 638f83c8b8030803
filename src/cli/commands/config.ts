import type { LoadedConfig } from "../../config/config.ts";
import { maskValue } from "../../config/mask.ts";
import { findRuleBreaks } from "../../config/rules.ts";
import { CONFIG_KEYS, type ConfigKey, settingOf } from "../../config/settings.ts";
import { showSetting } from "../../config/show.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { columns } from "../output.ts";

/** `lovage config`: every setting with its value, secrets masked, and its source. */
export async function config(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const loaded = await context.loadConfig("client");
  if (output.json) {
    output.value({
      file: loaded.file,
      settings: Object.fromEntries(CONFIG_KEYS.map((key) => [key, entryOf(loaded, key)])),
    });
  } else {
    const rows = CONFIG_KEYS.map((key) => [
      key,
      showSetting(key, loaded.config[key]) || "-",
      sourceOf(loaded, key),
    ]);
    output.data(columns(["SETTING", "VALUE", "SOURCE"], rows));
  }
  for (const problem of findRuleBreaks(loaded.config, "up"))
    output.note(`! lovage up would refuse to start: ${problem}`);
  return EXIT.ok;
}

function entryOf({ config: values, sources }: LoadedConfig, key: ConfigKey): unknown {
  const setting = settingOf(key);
  return { value: maskValue(values[key], setting), source: sources[key], env: setting.env };
}

function sourceOf({ sources, file }: LoadedConfig, key: ConfigKey): string {
  const { env, flag } = settingOf(key);
  const details = { flag: flag ?? "", environment: env, ".env": env, file: file ?? "", default: "" };
  return `${sources[key]} ${details[sources[key]]}`.trim();
}
