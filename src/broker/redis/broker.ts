import { StartError } from "../../errors.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";
import { runScript } from "../../redis/script.ts";
import type { Hint } from "../../task/records/hint.ts";
import { priorityRank } from "../../task/definition/priority.ts";
import type { Broker, BrokerHealth, Consumer, ConsumerOptions, DeniedRights } from "../broker.ts";
import { PARTITION_RANK } from "../reading-order.ts";
import { epochKey, GROUP, type QueueKeys, queueKeys } from "./keys.ts";
import { RedisConsumer } from "./consumer.ts";
import { RedisPartitions } from "./partitions.ts";
import { findDenied, redisHealth } from "./health.ts";
import { PURGE, SEND } from "./scripts.ts";

export interface RedisBrokerOptions {
  /** Shared with the other adapters. Its creator closes it. */
  readonly connections: RedisConnections;
  /** Prefix of all keys. Apps with different prefixes do not see each other. */
  readonly prefix: string;
  readonly log: Logger;
  /** How long a fetch waits for hints, in milliseconds. @default 5_000 */
  readonly blockMs?: number;
}

const SEND_BATCH = 1_000;
const PURGE_BATCH = 1_000;
/**
 * How long `health` relies on a check of rights that found nothing. Probes of readiness may come
 * every second.
 */
const RIGHTS_FRESH_MS = 10_000;

/**
 * Delivers hints through Redis streams. A queue has five: one per priority and one for partitions,
 * each with one consumer group. An entry stays in its stream until its hint is acked.
 */
export class RedisBroker implements Broker {
  readonly #consumers = new Set<Consumer>();
  readonly #partitions: RedisPartitions;
  #rightsCheckedAt = -Infinity;

  constructor(private readonly options: RedisBrokerOptions) {
    this.#partitions = new RedisPartitions({ ...options, onLost: () => undefined });
  }

  /**
   * @throws StartError (77) also when the user may connect but lacks a right that the queues need
   */
  connect = async (): Promise<void> => {
    await this.options.connections.connect();
    // Other failures occur again with the first commands, which report them.
    const denied = await this.#findDenied().catch(() => null);
    if (denied) throw new StartError(`${denied.what} ${denied.remedy}`, 77);
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
    // On a cluster some queues may be unreachable. The hints of the others are sent nevertheless.
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
    const isFresh = performance.now() - this.#rightsCheckedAt < RIGHTS_FRESH_MS;
    const [health, denied] = await tried(
      Promise.all([redisHealth(this.options.connections), isFresh ? null : this.#findDenied()]),
    );
    return { ...health, denied };
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

  async #findDenied(): Promise<DeniedRights | null> {
    const denied = await findDenied(this.options.connections, this.options.prefix);
    if (!denied) this.#rightsCheckedAt = performance.now();
    return denied;
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
