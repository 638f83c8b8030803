import { HookCaller } from "../engine/outcome/hook-caller.ts";
import type { Logger } from "../lib/log.ts";
import type { Extensions } from "../task/definition/middleware.ts";
import type { Registry } from "../task/definition/registry.ts";

/** Hooks and middleware of an app, checked. */
export interface AppExtensions extends Extensions {
  /** The configuration file that holds them: child processes load the middleware from it. @default null: there is none */
  readonly file?: string | null;
}

/** What calls the hooks of an app and of its definitions; null where there are none, and nothing is paid for them. */
export function makeHookCaller(
  { hooks = {} }: Extensions,
  registry: Registry,
  log: Logger,
): HookCaller | null {
  const wanted =
    Object.keys(hooks).length > 0 || registry.all().some((definition) => Boolean(definition.hooks));
  return wanted ? new HookCaller({ hooks, registry, log }) : null;
}
