import { App, type AppRole } from "./app.ts";
import { type ConfigInput, resolveConfig } from "./config.ts";
import { ConfigError } from "./errors.ts";
import { createLogger, type Logger } from "./lib/log.ts";
import type { AnyTaskDefinition } from "./task/definition.ts";
import { checkExtensions, type Extensions } from "./task/middleware.ts";

export interface CreateAppOptions extends Extensions {
  /** The definitions that this app knows: what it may enqueue, serve and run. */
  readonly tasks: readonly AnyTaskDefinition[];
  /** What the app does besides enqueueing. @default [] */
  readonly roles?: readonly AppRole[];
  /** Settings; what is not here comes from the environment, else from the defaults. */
  readonly config?: Omit<ConfigInput, "tasks" | keyof Extensions>;
  /** @default a logger on stderr, at the settings' level */
  readonly log?: Logger;
}

/**
 * Makes an app for use from TypeScript: `await app.start()`, then `app.enqueue(…)`, at last `await app.stop()`.
 *
 * @throws ConfigError with every mistake in the settings, hooks or middleware
 * @throws DefinitionError when two definitions share a name
 */
export function createApp(options: CreateAppOptions): App {
  const { config } = resolveConfig({ flags: options.config ?? {} });
  const { hooks = {}, middleware = [] } = options;
  const problems: string[] = [];
  checkExtensions({ hooks, middleware }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return new App({
    config,
    tasks: options.tasks.map((definition) => ({ definition, file: null })),
    roles: options.roles ?? [],
    extensions: { hooks, middleware },
    log: options.log ?? createLogger({ level: config.logLevel }),
  });
}
