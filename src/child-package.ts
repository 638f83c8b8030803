/**
 * What "lovage" is for the files that a child loads: the same names as of the whole package,
 * without what only servers and workers need. That would take a child most of its time to start,
 * and most of its memory.
 */
import { createRequire } from "node:module";
import type { ConfigInput } from "./config/config.ts";
import type * as Whole from "./index.ts";

export * from "./task-file-exports.ts";

export function defineConfig(settings: ConfigInput): ConfigInput {
  return settings;
}

/** Creates an app inside a task, to enqueue with. Only then the whole package is loaded. */
export function createApp(
  options: Parameters<typeof Whole.createApp>[0],
): ReturnType<typeof Whole.createApp> {
  const whole = createRequire(import.meta.url)("./index.js") as typeof Whole;
  return whole.createApp(options);
}
