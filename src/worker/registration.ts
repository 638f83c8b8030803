import type { Broker, Consumer } from "../broker/broker.ts";
import type { Publisher } from "../engine/events/publisher.ts";
import type { Logger } from "../lib/log/log.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { WorkerEventType } from "../task/records/event.ts";
import type { WorkerStatus } from "../task/records/worker.ts";
import type { WorkerState } from "./worker-state.ts";

export interface RegistrationParts {
  readonly state: WorkerState;
  readonly workers: Pick<WorkerStore, "register" | "heartbeat" | "setOffline">;
  readonly broker: Pick<Broker, "consumer">;
  readonly publisher: Pick<Publisher, "publish">;
  readonly log: Logger;
}

/** The worker's row, its consumer at the broker, and the events of its changes. */
export class Registration {
  #consumer: Consumer | null = null;

  constructor(
    private readonly parts: RegistrationParts,
    private readonly claimIdleAfterMs: number,
  ) {}

  get isRegistered(): boolean {
    return this.#consumer !== null;
  }

  /** The consumer of the current incarnation. Exists once the worker is registered. */
  get consumer(): Consumer {
    return this.#consumer!;
  }

  async register(): Promise<void> {
    const { broker, workers, state } = this.parts;
    this.#consumer = broker.consumer({ consumer: state.id, claimIdleAfterMs: this.claimIdleAfterMs });
    await workers.register(state.record());
    this.#publish(state.status as WorkerEventType);
  }

  /** Registers a new incarnation: the previous one was declared LOST. */
  async registerAgain(): Promise<void> {
    const previous = this.#consumer;
    this.parts.state.renew();
    try {
      await this.register();
    } finally {
      // Also when the registration failed and the next heartbeat makes another incarnation: hints
      // that the previous consumer has fetched must not stay with it.
      await previous?.close();
    }
  }

  /** Publishes a status. The next heartbeat writes it into the row. */
  setStatus(status: WorkerStatus & WorkerEventType): void {
    this.parts.state.status = status;
    this.#publish(status);
  }

  /** Publishes a change of the status or of the settings, and writes it into the row at once. */
  async update(status: WorkerStatus & WorkerEventType): Promise<void> {
    const { state, workers } = this.parts;
    const type = state.status === status ? "HEARTBEAT" : status;
    state.status = status;
    if (!this.#consumer) return; // The registration will write it.
    this.#publish(type);
    // Not a whole heartbeat: two comparisons of the worker's tasks must be some time apart.
    await workers.heartbeat(state.record());
  }

  async leaveBroker(): Promise<void> {
    await this.#consumer
      ?.close()
      .catch((error: unknown) => this.parts.log.warn("Leaving the broker failed", { err: error }));
  }

  async setOffline(): Promise<void> {
    const worker = await this.parts.workers.setOffline(this.parts.state.id).catch(() => null);
    // failpoint: stop.offline
    if (worker) this.#publish("OFFLINE");
  }

  #publish(type: WorkerEventType): void {
    const { publisher, state } = this.parts;
    publisher.publish([{ kind: "worker", type, at: new Date(), worker: state.record() }]);
  }
}
