import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { HintSender } from "../../engine/enqueue/hint-sender.ts";
import type { Logger } from "../../lib/log.ts";
import type { PartitionStore } from "../../store/partitions/partition-store.ts";
import type { QueueStore } from "../../store/queues/queue-store.ts";
import { parseRate } from "../../task/limits/rate.ts";
import { withRate } from "../../task/limits/limits.ts";
import type { TaskSettings } from "../../task/records/task-settings.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { PartitionGates } from "./partition-gates.ts";
import { PartitionFetcher, type PartitionFetcherParts } from "./partition-fetcher.ts";
import { QueueWatch } from "../fetch/queue-watch.ts";

export interface PartitionsParts {
  readonly registry: Registry;
  /** What definitions are told now; kept up to date here. */
  readonly settings: TaskSettings;
  readonly queues: Pick<QueueStore, "settings">;
  readonly limited: PartitionStore;
  readonly limiter: RateLimiter;
  readonly hints: HintSender;
  readonly broker: Pick<Broker, "wakePartitions">;
  readonly log: Logger;
}

/** What a worker has to do with limits: it knows those that hold now, takes on what they allow, and opens and closes partitions. */
export class Partitions {
  readonly queues: QueueWatch;
  readonly fetcher: PartitionFetcher;
  readonly gates: PartitionGates;

  constructor(
    private readonly parts: PartitionsParts,
    {
      onError,
      ...rest
    }: Pick<PartitionFetcherParts, "slots" | "names" | "mayBegin" | "onClaimed"> & {
      readonly onError: (error: unknown) => void;
    },
  ) {
    const { registry, queues, limited, limiter, hints } = parts;
    this.queues = new QueueWatch(queues, (queue) => this.wake([queue], "all"), onError);
    const limits: CurrentLimits = {
      ofTask: (name) =>
        withRate(registry.get(name)?.limits ?? null, parseRate(parts.settings.of(name).rateLimit)),
      isPaused: (name) => parts.settings.of(name).paused,
      ofQueue: (queue) => this.queues.limitsOf(queue),
    };
    this.fetcher = new PartitionFetcher({ ...rest, store: limited, limiter, hints, limits });
    this.gates = new PartitionGates({ ...parts, limits });
  }

  /** Partitions rest for as long as their limits said. When those are others, that may be much too long. */
  wake(queues: readonly string[], partitions: readonly string[] | "all"): void {
    for (const queue of queues) this.parts.broker.wakePartitions(queue, partitions);
  }
}
