import type { Hint } from "../../task/records/hint.ts";
import type { Broker, BrokerHealth, Consumer, ConsumerOptions } from "../broker.ts";
import { MemoryConsumer } from "./consumer.ts";
import { MemoryQueue } from "./queue.ts";

export interface MemoryBrokerOptions {
  /** How long a fetch waits for hints, in milliseconds. @default 5_000 */
  readonly blockMs?: number;
}

/**
 * Delivers hints inside one process. They end with it: the sweeper makes them again from the
 * database.
 */
export class MemoryBroker implements Broker {
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #consumers = new Set<Consumer>();
  #epoch: string | null = null;

  constructor(private readonly options: MemoryBrokerOptions = {}) {}

  async connect(): Promise<void> {
    // Nothing to connect to.
  }

  async send(hints: readonly Hint[]): Promise<void> {
    for (const hint of hints) {
      const queue = this.#queue(hint.queue);
      if (hint.partition === undefined) queue.add({ hint, bounces: 0 });
      else queue.partitions.send(hint);
    }
  }

  wakePartitions(queue: string, partitions: readonly string[] | "all"): void {
    this.#queues.get(queue)?.partitions.wake(partitions);
  }

  consumer(_options: ConsumerOptions): Consumer {
    const consumer = new MemoryConsumer({
      queue: (name) => this.#queue(name),
      blockMs: this.options.blockMs ?? 5_000,
      onClose: (closed) => void this.#consumers.delete(closed),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async depth(queue: string): Promise<number> {
    return this.#queues.get(queue)?.depth ?? 0;
  }

  async purge(queue: string): Promise<void> {
    this.#queues.get(queue)?.clear();
  }

  async epoch(): Promise<string | null> {
    return this.#epoch;
  }

  async setEpoch(epoch: string): Promise<void> {
    this.#epoch = epoch;
  }

  async health(): Promise<BrokerHealth> {
    return { kind: "memory", version: null, evictionPolicy: null, denied: null };
  }

  /** Closes its consumers. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    for (const queue of this.#queues.values()) queue.partitions.close();
  }

  #queue(name: string): MemoryQueue {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new MemoryQueue()));
    return queue;
  }
}
