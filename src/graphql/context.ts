import type { Broadcaster } from "../engine/enqueue/broadcaster.ts";
import type { Enqueuer } from "../engine/enqueue/enqueuer.ts";
import type { Explainer } from "../engine/enqueue/explainer.ts";
import type { TaskRuns } from "../engine/enqueue/task-runs.ts";
import { LiveLists } from "../engine/lists/live-lists.ts";
import type { EventFeed } from "../engine/events/event-feed.ts";
import type { LogFeed } from "../engine/logs/log-feed.ts";
import type { QueueControl } from "../engine/control/queue-control.ts";
import type { Router } from "../engine/enqueue/router.ts";
import type { Results } from "../engine/outcome/results.ts";
import type { ScheduleControl } from "../engine/schedules/schedule-control.ts";
import type { Statistics } from "../engine/statistics.ts";
import type { TaskControl } from "../engine/control/task-control.ts";
import type { TaskOverrideControl } from "../engine/control/task-override-control.ts";
import type { WorkerControl } from "../engine/control/worker-control.ts";
import type { Clock } from "../lib/clock.ts";
import { TurnQueue } from "../lib/async/event-loop.ts";
import type { ControlStore } from "../store/workers/control-store.ts";
import type { QueueRecord, QueueStore } from "../store/queues/queue-store.ts";
import type { ScheduleStore } from "../store/schedules/schedule-store.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";
import type { StatStore } from "../store/stats/stat-store.ts";
import type { TaskReader } from "../store/reading/task-reader.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { Registry } from "../task/definition/registry.ts";
import type { Overview } from "../task/records/stats.ts";
import { createLoaders, type Loaders } from "./loading/loaders.ts";
import type { ReplyBudget } from "./http/operations/reply-budget.ts";
import { PolledValue } from "./streams/polled-value.ts";

/** Facts about this server, for people. */
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

/** The services that resolvers may call. Created once per app. */
export interface ApiServices {
  readonly registry: Registry;
  readonly router: Pick<Router, "defaults" | "knownQueues">;
  readonly enqueuer: Pick<Enqueuer, "enqueueMany">;
  readonly taskRuns: Pick<TaskRuns, "start" | "find">;
  readonly broadcaster: Pick<Broadcaster, "broadcast">;
  readonly explainer: Pick<Explainer, "explain">;
  readonly reader: TaskReader;
  readonly taskControl: Pick<TaskControl, "revoke" | "retry" | "runNow" | "delete">;
  readonly results: Pick<Results, "read">;
  readonly queueControl: Pick<QueueControl, "pause" | "resume" | "purge" | "setLimits">;
  readonly workerControl: WorkerControl;
  readonly taskOverrideControl: TaskOverrideControl;
  readonly control: Pick<ControlStore, "overrides" | "log" | "logSize">;
  readonly queues: Pick<QueueStore, "list">;
  readonly workers: Pick<WorkerStore, "list" | "byNames" | "byIds">;
  readonly schedules: Pick<ScheduleControl, "create" | "update" | "setEnabled" | "delete" | "runNow">;
  readonly scheduleStore: Pick<
    ScheduleStore,
    "page" | "count" | "byIds" | "byNames" | "skipped" | "countSkipped"
  >;
  readonly stats: Pick<StatStore, "ended" | "unfinished">;
  readonly statistics: Pick<Statistics, "overview" | "failureGroups">;
  readonly feed: Pick<EventFeed, "subscribe" | "head" | "eventAt">;
  readonly logs: Pick<TaskLogStore, "read">;
  readonly logFeed: Pick<LogFeed, "subscribe">;
  readonly info: ServerInfo;
  readonly clock: Clock;
}

/** The context of one request or one subscription. */
export interface GraphqlContext {
  readonly services: ApiServices;
  readonly requestId: string;
  readonly loaders: Loaders;
  readonly queueWatch: PolledValue<readonly QueueRecord[]>;
  readonly overviewWatch: PolledValue<Overview>;
  /** Live lists of tasks. Shared by all subscribers. */
  readonly liveLists: LiveLists;
  /** Turns of the event loop for work of milliseconds, such as previews. Shared by all requests. */
  readonly turns: TurnQueue;
  /** The caller, stored as `createdBy`. Null if callers are anonymous. */
  readonly actor: string | null;
  /** Counts the bytes of the resolved fields. @default the reply may have any size */
  readonly reply?: ReplyBudget;
}

export interface ContextRequest {
  readonly requestId: string;
  readonly actor: string | null;
  readonly reply?: ReplyBudget;
}

/** Returns a factory of contexts. It holds what the subscribers of one app share. */
export function createContextFactory(services: ApiServices): (request: ContextRequest) => GraphqlContext {
  const queueWatch = new PolledValue<readonly QueueRecord[]>("queueWatch", () =>
    services.queues.list(services.router.knownQueues),
  );
  const overviewWatch = new PolledValue("overviewWatch", () => services.statistics.overview());
  const liveLists = new LiveLists(services);
  const turns = new TurnQueue();
  return ({ requestId, actor, reply }) => {
    let loaders: Loaders | undefined;
    return {
      services,
      turns,
      requestId,
      actor,
      ...(reply ? { reply } : {}),
      queueWatch,
      overviewWatch,
      liveLists,
      // On first use: most mutations use none.
      get loaders() {
        return (loaders ??= createLoaders(services));
      },
    };
  };
}
