import type { Enqueuer } from "../engine/enqueuer.ts";
import type { EventFeed } from "../engine/event-feed.ts";
import type { QueueControl } from "../engine/queue-control.ts";
import type { ScheduleControl } from "../engine/schedules/schedule-control.ts";
import type { TaskControl } from "../engine/task-control.ts";
import type { Clock } from "../lib/clock.ts";
import type { QueueStore } from "../store/queue-store.ts";
import type { ScheduleStore } from "../store/schedule-store.ts";
import type { TaskReader } from "../store/task-reader.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { Registry } from "../task/registry.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import { knownQueues } from "./known-queues.ts";
import { QueueWatch } from "./subscriptions/queue-watch.ts";

/** What this server is, for people. */
export interface ServerInfo {
  readonly version: string;
  /** `"redis"` or `"memory"`. */
  readonly broker: string;
  /** `"postgresql"` or `"embedded"`. */
  readonly database: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly startedAt: Date;
}

/** All that resolvers may call. Made once per app. */
export interface Services {
  readonly registry: Registry;
  readonly enqueuer: Pick<Enqueuer, "enqueueMany">;
  readonly tasks: TaskReader;
  readonly control: Pick<TaskControl, "revoke" | "retry" | "runNow">;
  readonly queueControl: Pick<QueueControl, "pause" | "resume" | "purge" | "setLimits">;
  readonly queues: Pick<QueueStore, "list">;
  readonly workers: Pick<WorkerStore, "list" | "byNames" | "byIds">;
  readonly schedules: Pick<ScheduleControl, "create" | "update" | "setEnabled" | "delete" | "runNow">;
  readonly scheduleStore: Pick<ScheduleStore, "page" | "count" | "byIds" | "byNames" | "skipped">;
  readonly feed: Pick<EventFeed, "subscribe" | "head">;
  readonly info: ServerInfo;
  readonly clock: Clock;
}

/** What one request or one subscription has: made anew for each. */
export interface GraphqlContext {
  readonly services: Services;
  readonly requestId: string;
  readonly loaders: Loaders;
  readonly queueWatch: QueueWatch;
  /** Who asks; stored as `createdBy`. Null where nobody has to say. */
  readonly actor: string | null;
}

export interface ContextRequest {
  readonly requestId: string;
  readonly actor: string | null;
}

/** Makes contexts; what subscribers of one app share lives here. */
export function createContextFactory(services: Services): (request: ContextRequest) => GraphqlContext {
  const queueWatch = new QueueWatch(() => services.queues.list(knownQueues(services.registry)));
  return ({ requestId, actor }) => ({
    services,
    requestId,
    actor,
    queueWatch,
    loaders: createLoaders(services),
  });
}
