import { MAX_TIMEOUT_MS } from "../../lib/clock.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { runScript, type RedisScript } from "../../redis/script.ts";
import { newId } from "../../lib/uuid.ts";
import type { Hint } from "../../task/records/hint.ts";
import type { ReadEntry } from "./entries.ts";
import { GROUP, queueKeys } from "./keys.ts";
import { PARTITION_DONE, PARTITION_REST, SEND_PARTITIONS, WAKE_PARTITIONS } from "./partition-scripts.ts";
import { PARTITION_RANK } from "../reading-order.ts";

export interface RedisPartitionsOptions {
  readonly connections: Pick<RedisConnections, "run">;
  readonly prefix: string;
  /** Called when an answer was lost. Its entry stays pending: it is delivered again. */
  readonly onLost: (stream: string, error: unknown) => void;
}

/** Whoever looks a moment too early finds that it is not due. */
const TIMER_LATE_MS = 1;

/** Sends the hints of partitions, and the answers to them. */
export class RedisPartitions {
  /** Partitions whose hints were handed back here, as `queue partition`. */
  readonly #resting = new Map<
    string,
    { readonly timer: NodeJS.Timeout; readonly wake: () => Promise<unknown> }
  >();
  readonly #underWay = new Set<Promise<void>>();
  #flushed = false;

  constructor(private readonly options: RedisPartitionsOptions) {}

  /** @throws what Redis throws */
  async send(queue: string, hints: ReadonlyMap<string, Hint>): Promise<void> {
    const args = [...hints].flatMap(([partition, { taskId, wakes }]) => [partition, taskId, wakes ? 1 : 0]);
    await this.#run(SEND_PARTITIONS, queue, args);
  }

  /** Ends the delay of some, or of those that are due; resolves with the milliseconds until the others are. Never throws. */
  async wake(queue: string, partitions: readonly string[], when: "due" | "now"): Promise<number> {
    try {
      return (await this.#run(WAKE_PARTITIONS, queue, [newId(), when, ...partitions])) as number;
    } catch {
      return 0; // Whatever is not woken is late, and no more.
    }
  }

  done({ place, hint }: ReadEntry): void {
    this.#answer(place.stream, PARTITION_DONE, place.queue, [GROUP, place.id, hint.partition!, hint.taskId]);
  }

  rest({ place, hint }: ReadEntry, delayMs: number): void {
    const ms = Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMEOUT_MS - 1);
    const partition = hint.partition!;
    this.#answer(place.stream, PARTITION_REST, place.queue, [GROUP, place.id, partition, hint.taskId, ms]);
    if (ms > 0) this.#wakeAfter(place.queue, partition, ms);
  }

  /** Hands what rests here to the others, and resolves when all answers are sent. */
  async flush(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#flushed = true;
    const resting = [...this.#resting.values()];
    this.#resting.clear();
    for (const { timer } of resting) clearTimeout(timer);
    await Promise.all(resting.map(({ wake }) => wake()));
  }

  #wakeAfter(queue: string, partition: string, ms: number): void {
    const key = `${queue} ${partition}`;
    clearTimeout(this.#resting.get(key)?.timer);
    const timer = setTimeout(() => void this.#wakeDue(queue, partition, key), ms + TIMER_LATE_MS);
    this.#resting.set(key, { timer, wake: () => this.wake(queue, [partition], "now") });
  }

  async #wakeDue(queue: string, partition: string, key: string): Promise<void> {
    this.#resting.delete(key);
    const left = await this.wake(queue, [partition], "due");
    // Redis counts from when it heard of it, and another worker may have had the partition since.
    if (left > 0 && !this.#flushed && !this.#resting.has(key)) this.#wakeAfter(queue, partition, left);
  }

  #answer(stream: string, script: RedisScript, queue: string, args: readonly (string | number)[]): void {
    const sent = this.#run(script, queue, args).then(
      () => void this.#underWay.delete(sent),
      (error: unknown) => {
        this.#underWay.delete(sent);
        this.options.onLost(stream, error);
      },
    );
    this.#underWay.add(sent);
  }

  #run(script: RedisScript, queue: string, args: readonly (string | number)[]): Promise<unknown> {
    const keys = queueKeys(this.options.prefix, queue);
    return runScript(
      this.options.connections,
      script,
      [keys.streams[PARTITION_RANK]!, keys.partitions],
      args,
    );
  }
}
