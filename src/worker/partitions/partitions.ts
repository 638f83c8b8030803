import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { HintSender } from "../../engine/enqueue/hint-sender.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { PartitionStore } from "../../store/partitions/partition-store.ts";
import type { QueueStore } from "../../store/queues/queue-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { RuntimeOverrides } from "../../task/records/task-overrides.ts";
import { QueueWatch } from "../fetch/queue-watch.ts";
import { CurrentLimits } from "./current-limits.ts";
import { PartitionFetcher, type PartitionFetcherParts } from "./partition-fetcher.ts";
import { PartitionGates } from "./partition-gates.ts";

export interface PartitionsParts {
  readonly registry: Registry;
  /** The runtime overrides of definitions. The worker keeps them up to date. */
  readonly settings: RuntimeOverrides;
  readonly queues: Pick<QueueStore, "settings">;
  readonly limited: PartitionStore;
  readonly limiter: RateLimiter;
  readonly hints: HintSender;
  readonly broker: Pick<Broker, "wakePartitions">;
  readonly log: Logger;
}

/**
 * A worker's parts for limited tasks: the limits in effect, the fetcher of partitions, and what
 * opens and closes partitions.
 */
export class Partitions {
  readonly queues: QueueWatch;
  readonly fetcher: PartitionFetcher;
  readonly gates: PartitionGates;

  constructor(
    private readonly parts: PartitionsParts,
    {
      onError,
      ...rest
    }: Pick<PartitionFetcherParts, "slots" | "names" | "mayClaim" | "onClaimed"> & {
      readonly onError: (error: unknown) => void;
    },
  ) {
    const { registry, settings, queues, limited, limiter, hints, broker, log } = parts;
    this.queues = new QueueWatch(queues, (queue) => this.wake([queue], "all"), onError);
    const limits = new CurrentLimits(registry, settings, this.queues);
    this.fetcher = new PartitionFetcher({ ...rest, store: limited, limiter, hints, limits });
    this.gates = new PartitionGates({ broker, limiter, limits, log });
  }

  /**
   * Delivers the hints of partitions at once. They rest as long as the old limits required, which
   * may be much too long.
   */
  wake(queues: readonly string[], partitions: readonly string[] | "all"): void {
    for (const queue of queues) this.parts.broker.wakePartitions(queue, partitions);
  }
}
