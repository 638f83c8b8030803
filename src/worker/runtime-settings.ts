import type { Logger } from "../lib/log/log.ts";
import { workerQueue } from "../task/definition/names.ts";
import { NO_WORKER_SETTINGS, queuesOf, type WorkerSettings } from "../task/records/worker-settings.ts";
import type { Slots } from "./slots.ts";
import type { EffectiveSettings, WorkerState } from "./worker-state.ts";

/** The child processes or threads that run a worker's attempts. */
export interface ResizablePool {
  /** @param concurrency how many attempts the worker runs at once from now on */
  resize(concurrency: number): void;
  /** Replaces all children, without disturbing running attempts. */
  restart(): void;
}

/**
 * Applies the runtime settings of a worker: concurrency, queues, pause and log level. They are
 * always laid over the configuration, so a setting that is reset returns to its configured value.
 */
export class RuntimeSettings {
  #settings: WorkerSettings = NO_WORKER_SETTINGS;
  #configuredLevel: WorkerSettings["logLevel"] = null;
  #problem: string | null = null;

  constructor(
    private readonly parts: {
      readonly state: WorkerState;
      readonly slots: Slots;
      readonly pool: ResizablePool | null;
      readonly log: Logger;
    },
  ) {}

  get paused(): boolean {
    return this.#settings.paused;
  }

  /** The worker's queues, and the queue of tasks that are addressed to workers of this name. */
  get queues(): readonly string[] {
    const { settings, identity } = this.parts.state;
    return [...settings.queues, workerQueue(identity.name)];
  }

  /** Why the latest settings could not be applied in full; null when they were. */
  get problem(): string | null {
    return this.#problem;
  }

  apply(settings: WorkerSettings): void {
    this.#settings = settings;
    const effective = this.#effective(settings);
    this.resize(effective.concurrency);
    this.parts.state.settings = effective;
    this.#setLogLevel(settings.logLevel);
  }

  /** Grows at once; shrinks as tasks end. */
  resize(concurrency: number): void {
    const { state, slots, pool } = this.parts;
    if (slots.total === concurrency) return;
    slots.resize(concurrency);
    pool?.resize(concurrency);
    state.settings = { ...state.settings, concurrency };
  }

  #effective(settings: WorkerSettings): EffectiveSettings {
    const { identity } = this.parts.state;
    const queues = queuesOf(identity.queues, settings);
    if (settings.concurrency !== null) return { queues, concurrency: settings.concurrency, autoscale: null };
    const autoscale = settings.autoscale ?? identity.autoscale ?? null;
    if (!autoscale) return { queues, concurrency: identity.concurrency, autoscale };
    const { total } = this.parts.slots;
    return { queues, concurrency: Math.min(Math.max(total, autoscale.min), autoscale.max), autoscale };
  }

  #setLogLevel(level: WorkerSettings["logLevel"]): void {
    const { threshold } = this.parts.log;
    this.#problem = null;
    if (threshold) {
      this.#configuredLevel ??= threshold.level;
      threshold.level = level ?? this.#configuredLevel;
    } else if (level !== null) {
      this.#problem = "The log level did not change: this app has its own logger, without a threshold.";
    }
  }
}
