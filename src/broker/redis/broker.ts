import { StartError } from "../../errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";
import { runScript } from "../../redis/script.ts";
import type { Hint } from "../../task/records/hint.ts";
import { priorityRank } from "../../task/definition/priority.ts";
import type { Broker, BrokerHealth, Consumer, ConsumerOptions } from "../broker.ts";
import { PARTITION_RANK } from "../reading-order.ts";
import { epochKey, GROUP, type QueueKeys, queueKeys } from "./keys.ts";
import { RedisConsumer } from "./consumer.ts";
import { RedisPartitions } from "./partitions.ts";
import { redisHealth } from "./health.ts";
import { describeDenied, findDeniedCommands } from "./rights.ts";
import { PURGE, SEND } from "./scripts.ts";

export interface RedisBrokerOptions {
  /** Shared with the other parts that use Redis; whoever made it closes it. */
  readonly connections: RedisConnections;
  /** Start of all keys: apps with different prefixes do not see each other. */
  readonly prefix: string;
  readonly log: Logger;
  /** How long a fetch waits for hints, in milliseconds. @default 5_000 */
  readonly blockMs?: number;
}

const SEND_BATCH = 1_000;
const PURGE_BATCH = 1_000;

/** Delivers hints by Redis streams: four per queue, one consumer group, an entry for each hint until it is acked. */
export class RedisBroker implements Broker {
  readonly #consumers = new Set<Consumer>();
  readonly #partitions: RedisPartitions;

  constructor(private readonly options: RedisBrokerOptions) {
    this.#partitions = new RedisPartitions({ ...options, onLost: () => undefined });
  }

  /** @throws StartError (77) also when the user may connect and not do what the queues need: better now than a task later */
  connect = async (): Promise<void> => {
    const { connections, prefix } = this.options;
    await connections.connect();
    // Whatever else goes wrong will go wrong again on the way, and is reported there.
    const denied = await findDeniedCommands(connections, prefix).catch(() => null);
    if (!denied) return;
    const { what, remedy } = describeDenied(denied, { label: connections.target.label, prefix });
    throw new StartError(`${what} ${remedy}`, 77);
  };

  async send(hints: readonly Hint[]): Promise<void> {
    const streams = new Map<string, { readonly lifetimeMs: number; readonly ids: string[] }>();
    const keysOf = new Map<string, QueueKeys>();
    const partitions = new Map<string, Map<string, Hint>>();
    for (const hint of hints) {
      const { taskId, queue, priority, partition } = hint;
      if (partition !== undefined) {
        const ofQueue = partitions.get(queue) ?? new Map<string, Hint>();
        partitions.set(queue, ofQueue);
        if (hint.wakes || !ofQueue.has(partition)) ofQueue.set(partition, hint);
        continue;
      }
      let keys = keysOf.get(queue);
      if (!keys) keysOf.set(queue, (keys = queueKeys(this.options.prefix, queue)));
      const stream = keys.streams[priorityRank(priority)]!;
      const known = streams.get(stream);
      if (known) known.ids.push(taskId);
      else streams.set(stream, { lifetimeMs: keys.lifetimeMs, ids: [taskId] });
    }
    const sent = await Promise.allSettled([
      ...[...streams].flatMap(([stream, { lifetimeMs, ids }]) => this.#sendTo(stream, lifetimeMs, ids)),
      ...[...partitions].map(([queue, ofQueue]) => this.#partitions.send(queue, ofQueue)),
    ]);
    // On a cluster some queues may be away and others not: what could be sent is sent.
    const failed = sent.find((one) => one.status === "rejected");
    if (failed) throw redisFailure(failed.reason);
  }

  wakePartitions(queue: string, partitions: readonly string[] | "all"): void {
    if (partitions.length > 0)
      void this.#partitions.wake(queue, partitions === "all" ? [] : partitions, "now");
  }

  consumer(options: ConsumerOptions): Consumer {
    const consumer: Consumer = new RedisConsumer({
      connections: this.options.connections,
      prefix: this.options.prefix,
      log: this.options.log,
      consumer: options.consumer,
      blockMs: this.options.blockMs ?? 5_000,
      claimIdleAfterMs: options.claimIdleAfterMs ?? 30_000,
      onClosed: () => void this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async depth(queue: string): Promise<number> {
    const streams = queueKeys(this.options.prefix, queue).streams.slice(0, PARTITION_RANK);
    const lengths = await tried(
      this.options.connections.run(streams[0]!, (redis) =>
        Promise.all(streams.map((stream) => redis.xlen(stream))),
      ),
    );
    return lengths.reduce((sum, length) => sum + length, 0);
  }

  async purge(queue: string): Promise<void> {
    for (const stream of queueKeys(this.options.prefix, queue).streams.slice(0, PARTITION_RANK)) {
      const purge = (): Promise<unknown> =>
        tried(runScript(this.options.connections, PURGE, [stream], [GROUP, PURGE_BATCH]));
      while ((await purge()) === PURGE_BATCH);
    }
  }

  epoch(): Promise<string | null> {
    return tried(this.#epoch());
  }

  async setEpoch(epoch: string): Promise<void> {
    const key = epochKey(this.options.prefix);
    await tried(this.options.connections.run(key, (redis) => redis.set(key, epoch)));
  }

  async health(): Promise<BrokerHealth> {
    const { connections, prefix } = this.options;
    const [health, denied] = await tried(
      Promise.all([redisHealth(connections), findDeniedCommands(connections, prefix)]),
    );
    return {
      ...health,
      denied: denied && describeDenied(denied, { label: connections.target.label, prefix }),
    };
  }

  /** Closes its consumers. The connections stay open. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
  }

  #sendTo(stream: string, lifetimeMs: number, ids: readonly string[]): Promise<unknown>[] {
    const sent: Promise<unknown>[] = [];
    for (let start = 0; start < ids.length; start += SEND_BATCH) {
      const batch = ids.length <= SEND_BATCH ? ids : ids.slice(start, start + SEND_BATCH);
      sent.push(runScript(this.options.connections, SEND, [stream], [lifetimeMs, ...batch]));
    }
    return sent;
  }

  #epoch(): Promise<string | null> {
    const key = epochKey(this.options.prefix);
    return this.options.connections.run(key, (redis) => redis.get(key));
  }
}

async function tried<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw redisFailure(error);
  }
}
