import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { TaskRuns } from "../engine/enqueue/task-runs.ts";
import type { EventFeed } from "../engine/events/event-feed.ts";
import { createContextFactory, type ServerInfo } from "../graphql/context.ts";
import type { CostSettings } from "../graphql/cost/cost-limiter.ts";
import type { HealthChecks } from "../graphql/http/server-options.ts";
import type { OperationScope } from "../lib/operation-scope.ts";
import { TrustedDocuments } from "../graphql/http/documents/trusted-documents.ts";
import { HttpServer } from "../graphql/http/server.ts";
import { buildLovageSchema } from "../graphql/schema.ts";
import type { Services } from "./services.ts";

/**
 * Creates the GraphQL server of an app. Only servers load this file: it imports most of the
 * packages.
 */
export function makeServer(parts: {
  readonly config: Config;
  readonly services: Services;
  readonly feed: EventFeed;
  readonly info: ServerInfo;
  readonly health: HealthChecks;
  readonly scope: OperationScope;
}): HttpServer {
  const { services, feed, info, health, scope } = parts;
  const { host, port, token, allowedHosts, allowedOrigins, trustedProxies, production } = parts.config;
  const { connectionLimits, socketLimits, subscriptionLimits, maxReplySize, trustedDocuments } = parts.config;
  const createContext = createContextFactory({ ...contextPartsOf(services), feed, info });
  return new HttpServer({
    ...{ host, port, token, allowedHosts, allowedOrigins, production, createContext, health, scope },
    ...{ trustedProxies, connectionLimits, socketLimits, subscriptionLimits, maxReplyBytes: maxReplySize },
    trustedDocuments: trustedDocuments === null ? null : TrustedDocuments.read(trustedDocuments),
    log: services.log,
    cost: costSettings(parts.config, services.registry.names().length),
    schema: buildLovageSchema(services.registry),
    graphiqlDir: graphiqlDir(),
  });
}

function costSettings(
  { maxCost, maxEventCost, costWeights: weights }: Config,
  taskDefinitions: number,
): CostSettings {
  return { maxCost, maxEventCost, weights, sizes: { taskDefinitions } };
}

/** The services that resolvers use. */
function contextPartsOf(services: Services) {
  const { registry, router, clock, stores } = services;
  const { reads } = stores;
  const { enqueuer, broadcaster, explainer } = services;
  const { taskControl, queueControl, workerControl, taskOverrideControl } = services;
  const { results, schedules, logFeed, statistics } = services;
  return {
    ...{ registry, router, clock },
    ...{ enqueuer, broadcaster, explainer },
    taskRuns: new TaskRuns({ enqueuer, dryRun: stores.dryRun }),
    ...{ taskControl, queueControl, workerControl, taskOverrideControl },
    ...{ results, schedules, logFeed, statistics },
    stats: stores.stats,
    reader: stores.reader,
    queues: reads.queues,
    workers: reads.workers,
    logs: reads.logs,
    control: reads.control,
    scheduleStore: reads.schedules,
  };
}

/** Folder of the built GraphiQL page; null if it was not built. */
function graphiqlDir(): string | null {
  const folder = fileURLToPath(new URL("../web/graphiql", import.meta.url));
  return existsSync(folder) ? folder : null;
}
