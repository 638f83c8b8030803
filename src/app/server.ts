import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Config } from "../config.ts";
import type { EventFeed } from "../engine/event-feed.ts";
import { createContextFactory, type ServerInfo } from "../graphql/context.ts";
import type { HealthChecks } from "../graphql/http/http-options.ts";
import { HttpServer } from "../graphql/http/server.ts";
import { buildLovageSchema } from "../graphql/schema.ts";
import type { Services } from "./services.ts";

/** The GraphQL server over an app's services. Loaded only where an app is a server: it brings most of the packages. */
export function makeServer(parts: {
  readonly config: Config;
  readonly services: Services;
  readonly feed: EventFeed;
  readonly info: ServerInfo;
  readonly health: HealthChecks;
}): HttpServer {
  const { services, feed, info, health } = parts;
  const { host, port, token, allowedHosts, allowedOrigins, production } = parts.config;
  const {
    registry,
    router,
    enqueuer,
    broadcaster,
    explainer,
    control,
    queueControl,
    stores,
    statistics,
    clock,
    log,
  } = services;
  const createContext = createContextFactory({
    ...{
      registry,
      router,
      enqueuer,
      broadcaster,
      explainer,
      control,
      queueControl,
      feed,
      info,
      clock,
      statistics,
    },
    stats: stores.stats,
    tasks: stores.reader,
    results: services.results,
    queues: stores.queues,
    workers: stores.workers,
    logs: stores.logs,
    logFeed: services.logFeed,
    schedules: services.schedules,
    workerControl: services.commands.workers,
    taskSettingControl: services.commands.tasks,
    commands: stores.commands,
    scheduleStore: stores.schedules,
  });
  return new HttpServer({
    ...{ host, port, token, allowedHosts, allowedOrigins, production, createContext, health, log },
    schema: buildLovageSchema(registry),
    graphiqlDir: graphiqlDir(),
  });
}

/** The built GraphiQL page; null where it was not built. */
function graphiqlDir(): string | null {
  const folder = fileURLToPath(new URL("../web/graphiql", import.meta.url));
  return existsSync(folder) ? folder : null;
}
