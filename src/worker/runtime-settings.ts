import type { Logger } from "../lib/log.ts";
import { workerQueue } from "../task/definition/names.ts";
import { NO_WORKER_SETTINGS, queuesOf, type WorkerSettings } from "../task/records/worker-settings.ts";
import type { WorkerForm, WorkerState } from "./worker-state.ts";
import type { Slots } from "./slots.ts";

/** Where a worker's attempts run, besides in its own process. */
export interface ResizablePool {
  /** @param concurrency how many attempts the worker runs at once from now on */
  resize(concurrency: number): void;
  /** Replaces all that it has, without hurt to what runs. */
  restart(): void;
}

/**
 * What of a worker may change while it runs: how much, from which queues, whether at all, how much it logs. Always the configuration with the
 * settings of its name laid over it, so that what is taken back is as configured again.
 */
export class RuntimeSettings {
  #settings: WorkerSettings = NO_WORKER_SETTINGS;
  #configuredLevel: WorkerSettings["logLevel"] = null;
  #problem: string | null = null;

  constructor(
    private readonly parts: {
      readonly self: WorkerState;
      readonly slots: Slots;
      readonly pool: ResizablePool | null;
      readonly log: Logger;
    },
  ) {}

  get paused(): boolean {
    return this.#settings.paused;
  }

  /** Those that it was given, and the one for tasks that are for workers of this name only. */
  get queues(): readonly string[] {
    const { form, identity } = this.parts.self;
    return [...form.queues, workerQueue(identity.name)];
  }

  /** Why the newest settings could not be followed in full; null when they were. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Follows settings. */
  apply(settings: WorkerSettings): void {
    this.#settings = settings;
    const form = this.#formOf(settings);
    this.resize(form.concurrency);
    this.parts.self.form = form;
    this.#setLogLevel(settings.logLevel);
  }

  /** Grows at once; shrinks as tasks end. */
  resize(concurrency: number): void {
    const { self, slots, pool } = this.parts;
    if (slots.total === concurrency) return;
    slots.resize(concurrency);
    pool?.resize(concurrency);
    self.form = { ...self.form, concurrency };
  }

  #formOf(settings: WorkerSettings): WorkerForm {
    const { identity } = this.parts.self;
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
      this.#problem = "The log level stays: this app was given a logger of its own, without a threshold.";
    }
  }
}
