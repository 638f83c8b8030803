import { HookCaller } from "../engine/outcome/hook-caller.ts";
import type { Logger } from "../lib/log.ts";
import type { Extensions } from "../task/definition/middleware.ts";
import type { Registry } from "../task/definition/registry.ts";

/** Checked hooks and middleware of an app. */
export interface AppExtensions extends Extensions {
  /** The configuration file from which child processes load the middleware. @default null: none */
  readonly file?: string | null;
}

/** Returns the caller of the hooks of an app and its definitions; null if there are none, so that they cost nothing. */
export function makeHookCaller(
  { hooks = {} }: Extensions,
  registry: Registry,
  log: Logger,
): HookCaller | null {
  const wanted =
    Object.keys(hooks).length > 0 || registry.all().some((definition) => Boolean(definition.hooks));
  return wanted ? new HookCaller({ hooks, registry, log }) : null;
}
