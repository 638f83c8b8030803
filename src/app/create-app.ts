import { show } from "../lib/quote.ts";
import { App, type AppRole } from "./app.ts";
import { type ConfigInput, resolveConfig } from "../config/config.ts";
import { findExposure } from "../config/rules.ts";
import { CONFIG_KEYS } from "../config/settings.ts";
import { ConfigError } from "../errors.ts";
import { createLogger, type Logger } from "../lib/log/log.ts";
import { unknownNames } from "../lib/suggestion.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "../task/definition/definition.ts";
import { checkExtensions, type Extensions } from "../task/definition/middleware.ts";

export interface CreateAppOptions extends Extensions {
  /** The definitions that this app can enqueue, serve and run. */
  readonly tasks: readonly AnyTaskDefinition[];
  /** What the app does besides enqueueing. @default [] */
  readonly roles?: readonly AppRole[];
  /** Settings. Others come from the environment or the defaults. */
  readonly config?: Omit<ConfigInput, "tasks" | keyof Extensions>;
  /** @default a logger on stderr with the level of the settings */
  readonly log?: Logger;
}

/**
 * Creates an app. Call `await app.start()`, then `app.enqueue(…)`, and at the end
 * `await app.stop()`.
 *
 * @throws ConfigError with all mistakes in the options, settings, hooks and middleware
 * @throws DefinitionError if two definitions have the same name
 */
export function createApp(options: CreateAppOptions): App {
  const problems: string[] = [];
  checkOptions(options, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const { config, warnings } = resolveConfig({ flags: options.config ?? {} });
  const exposure = options.roles?.includes("server") ? findExposure(config) : null;
  if (exposure !== null) throw new ConfigError([exposure]);
  const { hooks = {}, middleware = [] } = options;
  checkExtensions({ hooks, middleware }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const log = options.log ?? createLogger({ level: config.logLevel, timeZone: config.timeZone });
  for (const warning of warnings) log.warn(warning);
  return new App({
    config,
    tasks: options.tasks.map((definition) => ({ definition, file: null })),
    roles: options.roles ?? [],
    extensions: { hooks, middleware },
    log,
  });
}

const OPTIONS = ["tasks", "roles", "config", "log", "hooks", "middleware"];
const ROLES: readonly AppRole[] = ["server", "worker", "maintenance", "beat"];

/** Adds a line to `problems` for each invalid option. Not every caller has a compiler. */
function checkOptions(
  { tasks, roles = [], config = {}, ...rest }: CreateAppOptions,
  problems: string[],
): void {
  for (const [prefix, given, known] of [
    ["", rest, OPTIONS],
    ["config.", config, CONFIG_KEYS],
  ] as const)
    for (const { name, remedy } of unknownNames(Object.keys(given), known, prefix))
      problems.push(`${prefix}${name}: there is no such option. ${remedy}`);
  const found: unknown = tasks;
  if (!Array.isArray(found)) problems.push(`tasks: expected an array of definitions, got ${show(tasks)}.`);
  else
    for (const [index, task] of found.entries())
      if (!isTaskDefinition(task))
        problems.push(`tasks.${index}: expected what defineTask returns, got ${show(task)}.`);
  if (!Array.isArray(roles) || !roles.every((role) => ROLES.includes(role as AppRole)))
    problems.push(`roles: expected an array of ${ROLES.join(", ")}, got ${show(roles)}.`);
}
