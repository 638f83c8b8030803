import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { HintSender } from "../../engine/enqueue/hint-sender.ts";
import type { Logger } from "../../lib/log.ts";
import type { LimitedStore } from "../../store/partitions/partition-store.ts";
import type { QueueStore } from "../../store/queues/queue-store.ts";
import { parseRate } from "../../task/limits/rate.ts";
import { withRate } from "../../task/limits/limits.ts";
import type { TaskSettings } from "../../task/records/task-settings.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { LaneGates } from "./partition-gates.ts";
import { LaneIntake, type LaneIntakeParts } from "./partition-fetcher.ts";
import { QueueWatch } from "../fetch/queue-watch.ts";

export interface LanesParts {
  readonly registry: Registry;
  /** What definitions are told now; kept up to date here. */
  readonly settings: TaskSettings;
  readonly queues: Pick<QueueStore, "settings">;
  readonly limited: LimitedStore;
  readonly limiter: RateLimiter;
  readonly hints: HintSender;
  readonly broker: Pick<Broker, "wakeLanes">;
  readonly log: Logger;
}

/** What a worker has to do with limits: it knows those that hold now, takes on what they allow, and opens and closes lanes. */
export class Lanes {
  readonly queues: QueueWatch;
  readonly intake: LaneIntake;
  readonly gates: LaneGates;

  constructor(
    private readonly parts: LanesParts,
    {
      onError,
      ...rest
    }: Pick<LaneIntakeParts, "slots" | "names" | "mayBegin" | "onClaimed"> & {
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
    this.intake = new LaneIntake({ ...rest, store: limited, limiter, hints, limits });
    this.gates = new LaneGates({ ...parts, limits });
  }

  /** Lanes rest for as long as their limits said. When those are others, that may be much too long. */
  wake(queues: readonly string[], lanes: readonly string[] | "all"): void {
    for (const queue of queues) this.parts.broker.wakeLanes(queue, lanes);
  }
}
