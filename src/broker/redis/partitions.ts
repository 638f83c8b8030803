import type { RedisConnections } from "../../redis/connections.ts";
import { runScript, type RedisScript } from "../../redis/script.ts";
import { newId } from "../../lib/uuid.ts";
import type { Hint } from "../../task/records/hint.ts";
import type { ReadEntry } from "./entries.ts";
import { GROUP, queueKeys } from "./keys.ts";
import { LANE_DONE, LANE_REST, SEND_LANES, WAKE_LANES } from "./partition-scripts.ts";
import { LANES } from "../reading-order.ts";

export interface RedisLanesOptions {
  readonly connections: Pick<RedisConnections, "run">;
  readonly prefix: string;
  /** Called when an answer was lost. Its entry stays pending: it is delivered again. */
  readonly onLost: (stream: string, error: unknown) => void;
}

/** A longer timer would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Whoever looks a moment too early finds that it is not due. */
const TIMER_LATE_MS = 1;

/** Sends the hints of lanes, and the answers to them. */
export class RedisLanes {
  /** Lanes whose hints were handed back here, as `queue lane`. */
  readonly #resting = new Map<
    string,
    { readonly timer: NodeJS.Timeout; readonly wake: () => Promise<unknown> }
  >();
  readonly #underWay = new Set<Promise<void>>();
  #flushed = false;

  constructor(private readonly options: RedisLanesOptions) {}

  /** @throws what Redis throws */
  async send(queue: string, hints: ReadonlyMap<string, Hint>): Promise<void> {
    const args = [...hints].flatMap(([lane, { taskId, wakes }]) => [lane, taskId, wakes ? 1 : 0]);
    await this.#run(SEND_LANES, queue, args);
  }

  /** Ends the delay of some, or of those that are due; resolves with the milliseconds until the others are. Never throws. */
  async wake(queue: string, lanes: readonly string[], when: "due" | "now"): Promise<number> {
    try {
      return (await this.#run(WAKE_LANES, queue, [newId(), when, ...lanes])) as number;
    } catch {
      return 0; // Whatever is not woken is late, and no more.
    }
  }

  done({ place, hint }: ReadEntry): void {
    this.#answer(place.stream, LANE_DONE, place.queue, [GROUP, place.id, hint.lane!, hint.taskId]);
  }

  rest({ place, hint }: ReadEntry, delayMs: number): void {
    const ms = Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMEOUT_MS - 1);
    const lane = hint.lane!;
    this.#answer(place.stream, LANE_REST, place.queue, [GROUP, place.id, lane, hint.taskId, ms]);
    if (ms > 0) this.#wakeAfter(place.queue, lane, ms);
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

  #wakeAfter(queue: string, lane: string, ms: number): void {
    const key = `${queue} ${lane}`;
    clearTimeout(this.#resting.get(key)?.timer);
    const timer = setTimeout(() => void this.#wakeDue(queue, lane, key), ms + TIMER_LATE_MS);
    this.#resting.set(key, { timer, wake: () => this.wake(queue, [lane], "now") });
  }

  async #wakeDue(queue: string, lane: string, key: string): Promise<void> {
    this.#resting.delete(key);
    const left = await this.wake(queue, [lane], "due");
    // Redis counts from when it heard of it, and another worker may have had the lane since.
    if (left > 0 && !this.#flushed && !this.#resting.has(key)) this.#wakeAfter(queue, lane, left);
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
    return runScript(this.options.connections, script, [keys.streams[LANES]!, keys.lanes], args);
  }
}
