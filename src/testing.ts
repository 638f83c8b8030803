import { App, openMessaging } from "./app/app.ts";
import { reconcileCodeSchedules } from "./app/schedules.ts";
import type { Services } from "./app/services.ts";
import { type ConfigInput, resolveConfig } from "./config/config.ts";
import { type Logger, silentLogger } from "./lib/log/log.ts";
import { PgDatabase } from "./store/connection/pg-database.ts";
import type { AnyTaskDefinition } from "./task/definition/definition.ts";
import type { Extensions } from "./task/definition/middleware.ts";
import { TestApp } from "./testing/test-app.ts";
import { TestClock } from "./testing/test-clock.ts";
import { TestRunner } from "./testing/test-runner.ts";

export type { InputExpectation, TaskExpectation, TestApp } from "./testing/test-app.ts";

export interface TestAppOptions extends Extensions {
  /** The definitions that the app knows. Those with a pool run in this process, too. */
  readonly tasks: readonly AnyTaskDefinition[];
  /**
   * `"manual"`: tasks wait until `runUntilIdle`. `"inline"`: an enqueue, also one that the tested
   * code does, runs what it made, and what that made, before it returns; a task that fails does not
   * fail the enqueue.
   * @default "manual"
   */
  readonly mode?: "manual" | "inline";
  /** Settings. The environment and `lovage.config.ts` are not read. */
  readonly config?: Omit<
    ConfigInput,
    "tasks" | keyof Extensions | "databaseUrl" | "redisUrl" | "embeddedDir"
  >;
  /** The time at which the app's clock begins; from there it goes on as time does. @default now */
  readonly now?: Date;
  /** @default none */
  readonly log?: Logger;
}

/**
 * Makes and starts an app for tests: the embedded database in memory, everything as in production,
 * except that nothing runs unasked and the clock can be moved on. It needs no server, no folder and
 * no port. Stop it at the end (`await using`, or `stop`).
 *
 * @throws ConfigError with every mistake in the settings, and in the schedules of the definitions
 * @throws DefinitionError when two definitions share a name
 */
export async function createTestApp(options: TestAppOptions): Promise<TestApp> {
  const { tasks, mode = "manual", log = silentLogger, hooks = {}, middleware = [] } = options;
  const { config } = resolveConfig({ flags: { ...options.config }, env: {} });
  const database = new PgDatabase({ kind: "embedded", folder: null }, log);
  const clock = new TestClock();
  const inline = mode === "inline";
  let runner: TestRunner | null = null;
  let services: Services | null = null;
  const app = new App({
    config,
    tasks: tasks.map((definition) => ({ definition: inProcess(definition), file: null })),
    roles: [],
    log,
    extensions: { hooks, middleware },
    parts: {
      database,
      messaging: openMessaging(config, log),
      clock,
      onConnected: async (connected) => {
        services = connected;
        runner = new TestRunner(connected, database.sql, clock);
        await runner.listen();
        await reconcileCodeSchedules(connected);
      },
      onEnqueued: async () => {
        if (inline && runner !== null && !runner.inside)
          await runner.run({ withDelays: false, timeoutMs: INLINE_TIMEOUT_MS });
      },
    },
  });
  await startWith(app, database, clock, options.now);
  return new TestApp(app, {
    ...{ clock, inline },
    runner: runner!,
    reader: services!.stores.reader,
    sql: database.sql,
    restart: () => reconcileCodeSchedules(services!),
  });
}

const INLINE_TIMEOUT_MS = 10_000;

async function startWith(app: App, database: PgDatabase, clock: TestClock, now?: Date): Promise<void> {
  try {
    await database.connect();
    await clock.install(database.sql);
    if (now !== undefined) await clock.set(now);
    await app.start();
  } catch (error) {
    await app.stop();
    throw error;
  }
}

/** A child process would not know the test's own definitions, which are in no file of tasks. */
function inProcess(definition: AnyTaskDefinition): AnyTaskDefinition {
  return definition.pool === "async" ? definition : Object.freeze({ ...definition, pool: "async" as const });
}
