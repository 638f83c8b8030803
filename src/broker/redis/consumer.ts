import { addAbortListener } from "node:events";

import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { plainError, redisFailure } from "../../redis/errors.ts";
import { runScript } from "../../redis/script.ts";
import type { Consumer, Delivery } from "../broker.ts";
import { QueueTrials } from "./queue-trials.ts";
import { RedisAnswers } from "./answers.ts";
import { RedisPartitions } from "./partitions.ts";
import {
  describeEntry,
  positionKey,
  readEntry,
  type EntryPosition,
  type RawEntry,
  type ReadEntry,
} from "./entries.ts";
import { GROUP } from "./keys.ts";
import { RedisQueue } from "./queue.ts";
import { QUARANTINE } from "./scripts.ts";
import { type ReadCount, rotate, shareOut } from "../share-out.ts";

export interface RedisConsumerOptions {
  readonly connections: RedisConnections;
  readonly prefix: string;
  readonly consumer: string;
  readonly blockMs: number;
  readonly claimIdleAfterMs: number;
  readonly log: Logger;
  /** Called when it has left the group. */
  readonly onClosed: () => void;
}

/** Entries that came while no fetch waited are returned to Redis after this time. */
const GRACE_MS = 100;
const QUARANTINE_SIZE = 1_000;
const NOTHING: ReadCount = { entries: 0, usable: 0 };
/** How long closing waits for a Redis that does not answer. */
const CLOSE_MS = 3_000;

/**
 * Reads some queues. Every read adds to `#ready`, and a fetch takes from it:
 *
 * 1. entries that are left from before;
 * 2. otherwise a read of all queues without blocking, in rotation and in equal shares;
 * 3. otherwise one blocking read per queue, each on its own connection, until one brings entries.
 *    Then the others are cancelled, except the one of the worker's own queue. Entries that they
 *    still bring go to the next fetch, or back to Redis if there is none soon.
 */
export class RedisConsumer implements Consumer {
  readonly #queues = new Map<string, RedisQueue>();
  readonly #answers: RedisAnswers;
  readonly #partitions: RedisPartitions;
  /** Keys of entries that are delivered and not answered. */
  readonly #known = new Set<string>();
  readonly #closed = new AbortController();
  readonly #unreadable = new LogLimit(60_000);
  readonly #lostAnswers = new LogLimit(10_000);
  readonly #someFailures = new LogLimit(60_000);
  #ready: ReadEntry[] = [];
  #fetches = 0;
  #fetching = false;
  #grace: NodeJS.Timeout | undefined;
  #closing: Promise<void> | null = null;

  constructor(private readonly options: RedisConsumerOptions) {
    this.#answers = new RedisAnswers({
      connections: options.connections,
      consumer: options.consumer,
      keepEveryMs: options.claimIdleAfterMs / 3,
      onLost: (stream, error) => this.#lostAnswer(stream, error),
    });
    const { connections, prefix } = options;
    this.#partitions = new RedisPartitions({
      connections,
      prefix,
      onLost: (stream, error) => this.#lostAnswer(stream, error),
    });
  }

  async fetch(queues: readonly string[], max: number, signal: AbortSignal): Promise<Delivery[]> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    if (stop.aborted || max < 1) return [];
    this.#fetching = true;
    clearTimeout(this.#grace);
    const named = this.#name(queues);
    const stopped = Promise.withResolvers<void>();
    using _listening = addAbortListener(stop, () => stopped.resolve());
    try {
      await Promise.race([this.#fill(named, max, stop), stopped.promise]);
    } catch (error) {
      if (this.#ready.length === 0) throw redisFailure(error);
    } finally {
      this.#fetching = false;
      for (const queue of named) void queue.cancel();
    }
    const taken = stop.aborted ? [] : this.#takeReady(max);
    if (this.#ready.length > 0) this.#waitForNextFetch();
    return taken;
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave().finally(this.options.onClosed);
    return this.#closing;
  }

  async #fill(queues: readonly RedisQueue[], max: number, stop: AbortSignal): Promise<void> {
    if (this.#ready.length > 0) return;
    const trials = new QueueTrials(queues);
    let turn = Promise.withResolvers<void>();
    // In parallel: the others must not wait for those that failed.
    const retry = (): void => {
      const due = trials.due();
      if (due.length > 0) void this.#readNow(trials, due, max).then(() => turn.resolve());
    };
    const read = this.#readNow(trials, trials.first(), max);
    retry();
    await read;
    const until = performance.now() + this.options.blockMs;
    while (this.#ready.length === 0 && !stop.aborted) {
      const left = until - performance.now();
      if (left < 1) return trials.mustWork();
      turn = Promise.withResolvers<void>();
      retry();
      // A wait that an earlier fetch cancelled may end here. Then the loop runs once more.
      await Promise.race([this.#wait(trials, left), turn.promise]);
    }
  }

  async #readNow(trials: QueueTrials<RedisQueue>, queues: readonly RedisQueue[], max: number): Promise<void> {
    const isKnown = (position: EntryPosition): boolean =>
      this.#known.has(positionKey(position)) || this.#answers.holds(position);
    const able = await trials.each(queues, async (queue) => {
      await queue.recover(isKnown);
      await queue.takeOver();
    });
    const unwatched = able.filter((queue) => !queue.watched);
    await shareOut(
      rotate(unwatched, (this.#fetches += 1)),
      max,
      (queue, share) => trials.one(queue, () => queue.readNow(share), NOTHING),
      (queue) => queue.slack,
    );
  }

  async #wait(trials: QueueTrials<RedisQueue>, leftMs: number): Promise<void> {
    const raced = trials.race((queue) => queue.wait(leftMs), leftMs);
    if (trials.someFailure !== null) {
      const fields = { err: plainError(trials.someFailure) };
      this.#someFailures.pass(() =>
        this.options.log.warn("Some queues could not be read, the others continue", fields),
      );
    }
    await raced;
  }

  #takeReady(max: number): Delivery[] {
    this.#ready.sort((a, b) => b.position.rank - a.position.rank);
    return this.#ready.splice(0, max).map((entry) => this.#deliver(entry));
  }

  #deliver(entry: ReadEntry): Delivery {
    const isFirstAnswer = (): boolean => this.#known.delete(entry.key);
    return {
      ...entry.hint,
      bounces: entry.bounces,
      ack: () => {
        if (!isFirstAnswer()) return;
        if (entry.hint.partition === undefined) this.#answers.ack(entry.position);
        else this.#partitions.done(entry);
      },
      retry: (delayMs) => {
        if (!isFirstAnswer()) return;
        if (entry.hint.partition === undefined) this.#answers.putBackAfter(entry, delayMs);
        else this.#partitions.rest(entry, delayMs);
      },
    };
  }

  #onEntry(position: EntryPosition, fields: RawEntry[1]): boolean {
    const entry = readEntry(position, fields);
    if (!entry) {
      this.#quarantine(position, fields);
      return false;
    }
    if (this.#known.has(entry.key)) return true; // Read twice: the reply had been taken for lost.
    this.#known.add(entry.key);
    this.#ready.push(entry);
    if (!this.#fetching) this.#waitForNextFetch();
    return true;
  }

  #quarantine(position: EntryPosition, fields: RawEntry[1]): void {
    const queue = this.#queues.get(position.queue)!;
    const text = describeEntry(position, fields);
    this.#unreadable.pass((heldBack) =>
      this.options.log.warn("Entry that is not a hint moved to quarantine", {
        ...{ queue: position.queue, entry: text, list: queue.keys.quarantine, others: heldBack },
      }),
    );
    const args = [GROUP, position.id, text, QUARANTINE_SIZE];
    const keys = [position.stream, queue.keys.quarantine];
    runScript(this.options.connections, QUARANTINE, keys, args).catch(() => queue.suspect());
  }

  #lostAnswer(stream: string, error: unknown): void {
    for (const queue of this.#queues.values()) if (queue.keys.streams.includes(stream)) queue.suspect();
    this.#lostAnswers.pass(() => this.options.log.debug("Answers to hints lost", { err: plainError(error) }));
  }

  #waitForNextFetch(): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => {
      for (const entry of this.#ready.splice(0)) {
        this.#known.delete(entry.key);
        this.#answers.putBack(entry, entry.bounces);
      }
    }, GRACE_MS);
  }

  #name(names: readonly string[]): RedisQueue[] {
    const onEntry = (position: EntryPosition, fields: RawEntry[1]): boolean =>
      this.#onEntry(position, fields);
    const named = new Set(names);
    for (const [name, queue] of this.#queues) if (!named.has(name)) void queue.rest();
    return [...named].map((name) => {
      let queue = this.#queues.get(name);
      if (!queue) this.#queues.set(name, (queue = new RedisQueue({ ...this.options, queue: name, onEntry })));
      return queue;
    });
  }

  async #leave(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#grace);
    const queues = [...this.#queues.values()];
    const left = (async () => {
      await Promise.all(queues.map((queue) => queue.rest()));
      await Promise.all([this.#answers.flush(), this.#partitions.flush()]);
      await Promise.all(queues.map((queue) => queue.leave()));
    })();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, CLOSE_MS);
    // Other consumers claim later what could not be returned now.
    await Promise.race([left, late.promise]).catch(() => undefined);
    clearTimeout(timer);
  }
}
