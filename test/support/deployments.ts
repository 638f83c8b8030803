import { inject } from "vitest";
import { App, type AppRole } from "../../src/app/app.ts";
import { resolveConfig } from "../../src/config/config.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import type { AnyTaskDefinition } from "../../src/task/definition/definition.ts";
import type { Extensions } from "../../src/task/definition/middleware.ts";
import { freshDatabase, freshPrefix } from "./servers/global-servers.ts";
import { tempDir } from "./temp-dir.ts";

/** A place that apps of one deployment share: stores and delivery. */
export interface Deployment extends AsyncDisposable {
  /** Settings of an app in this deployment. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Starts an app; it is stopped with the deployment at the latest. */
  app(
    tasks: readonly AnyTaskDefinition[],
    roles?: readonly AppRole[],
    settings?: Record<string, unknown>,
    extensions?: Extensions,
  ): Promise<App>;
}

/** Short pauses, so that tests of loss and repair take seconds. */
const QUICK = {
  heartbeat: "200ms",
  liveHeartbeat: "200ms",
  workerLostAfter: "1s",
  sweepEvery: "100ms",
  takeOverAfter: "1s",
  graceTime: "5s",
  port: 0,
};

export const DEPLOYMENTS: readonly { readonly kind: string; readonly deploy: () => Promise<Deployment> }[] = [
  { kind: "embedded", deploy: embedded },
  { kind: "PostgreSQL and Redis", deploy: shared },
];

export async function embedded(): Promise<Deployment> {
  const folder = await tempDir("lovage-embedded-");
  return deployment({ ...QUICK, embeddedDir: folder.path }, folder);
}

export async function shared(): Promise<Deployment> {
  const database = await freshDatabase();
  const settings = {
    ...QUICK,
    databaseUrl: database.url,
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    migrate: true,
  };
  return deployment(settings, { [Symbol.asyncDispose]: () => database.drop() });
}

function deployment(settings: Readonly<Record<string, unknown>>, rest: AsyncDisposable): Deployment {
  const apps: App[] = [];
  return {
    settings,
    app: async (tasks, roles = ["maintenance", "worker"], more = {}, extensions = {}) => {
      const { config } = resolveConfig({ flags: { ...settings, ...more }, env: {} });
      const app = new App({
        config,
        tasks: tasks.map((definition) => ({ definition, file: null })),
        roles,
        log: silentLogger,
        extensions,
      });
      apps.push(app);
      await app.start();
      return app;
    },
    [Symbol.asyncDispose]: async () => {
      for (const app of apps.reverse()) await app.stop();
      await rest[Symbol.asyncDispose]();
    },
  };
}
