/**
 * The hints of partitions in Redis. A queue has a stream for them, and a sorted set with the state
 * of each partition's hint as its score:
 *
 * - no member: there is no hint, since no task of the partition is known to wait;
 * - `IN_STREAM`: the hint is in the stream, delivered or not;
 * - `ASKED`: in the stream, and the partition was sent again since. A worker that finds no task
 *   must check again;
 * - `WOKEN`: in the stream, and the partition was woken since. It must be checked again in any
 *   case;
 * - a time, in milliseconds of this server: the hint rests, and goes into the stream at that time.
 *
 * The process that returned a hint keeps a timer for it. If that process dies, the next one that
 * sends the partition (the repair does, every few seconds) finds the hint late and adds it to the
 * stream. A stream with fewer entries than the set counts has lost some: the next one to send a
 * partition adds its hint again. A hint that is there twice is harmless, and there is one again as
 * soon as one of them is returned.
 */
import { MAX_TIMEOUT_MS } from "../../lib/clock.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisScript, runScript, type RedisScript } from "../../redis/script.ts";
import { newId } from "../../lib/uuid.ts";
import type { Hint } from "../../task/records/hint.ts";
import type { ReadEntry } from "./entries.ts";
import { GROUP, queueKeys } from "./keys.ts";
import { PARTITION_RANK } from "../reading-order.ts";

const STATES = `
local IN_STREAM, ASKED, WOKEN = 9e15, 8e15, 7e15
local function add(partition, task)
  redis.call('XADD', KEYS[1], '*', 't', task, 'l', partition)
  redis.call('ZADD', KEYS[2], '9e15', partition)
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function rest_until(partition)
  local score = redis.call('ZSCORE', KEYS[2], partition)
  return score and tonumber(score)
end
`;

/**
 * KEYS: the partitions' stream, the sorted set. ARGV: for each partition its name, the id of one of
 * its tasks, and 1 to wake it or 0.
 */
const SEND_PARTITIONS = redisScript(`${STATES}
local lost = redis.call('XLEN', KEYS[1]) < redis.call('ZCOUNT', KEYS[2], WOKEN, '+inf')
for i = 1, #ARGV, 3 do
  local partition, task, wakes = ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1'
  local at = rest_until(partition) or 0
  if at >= WOKEN and lost or at < WOKEN and (wakes or at <= now()) then add(partition, task)
  elseif at > WOKEN then
    if wakes then redis.call('ZADD', KEYS[2], '7e15', partition)
    elseif at == IN_STREAM then redis.call('ZADD', KEYS[2], '8e15', partition) end
  end
end
return #ARGV / 3`);

const DROP = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
`;

/**
 * The partition was checked, and none of its tasks waits. KEYS: as above. ARGV: group, entry id,
 * partition, task id.
 */
const PARTITION_DONE = redisScript(`${STATES}${DROP}
local at = rest_until(ARGV[3])
if at == ASKED or at == WOKEN then add(ARGV[3], ARGV[4])
elseif at == IN_STREAM then redis.call('ZREM', KEYS[2], ARGV[3]) end
return 1`);

/**
 * The partition is checked again after a delay. KEYS: as above. ARGV: group, entry id, partition,
 * task id, ms.
 */
const PARTITION_REST = redisScript(`${STATES}${DROP}
if tonumber(ARGV[5]) <= 0 or rest_until(ARGV[3]) == WOKEN then add(ARGV[3], ARGV[4])
else redis.call('ZADD', KEYS[2], string.format('%.0f', now() + ARGV[5]), ARGV[3]) end
return 1`);

/**
 * Adds hints that rest to the stream. KEYS: as above. ARGV: a task id, "due" or "now", partitions
 * (none: all). Returns in how many milliseconds the last of the remaining hints is due.
 */
const WAKE_PARTITIONS = redisScript(`${STATES}
local partitions = { unpack(ARGV, 3) }
if #partitions == 0 then partitions = redis.call('ZRANGE', KEYS[2], 0, 999) end
local left = 0
for _, partition in ipairs(partitions) do
  local at, time = rest_until(partition), now()
  if at and at < WOKEN then
    if ARGV[2] == 'now' or at <= time then add(partition, ARGV[1])
    else left = math.max(left, at - time) end
  elseif at and ARGV[2] == 'now' then redis.call('ZADD', KEYS[2], '7e15', partition) end
end
return left`);

export interface RedisPartitionsOptions {
  readonly connections: Pick<RedisConnections, "run">;
  readonly prefix: string;
  /** Called when an answer was lost. Its entry stays pending and is delivered again. */
  readonly onLost: (stream: string, error: unknown) => void;
}

/** A timer that fires early would find that the hint is not due. */
const TIMER_LATE_MS = 1;

/** Sends the hints of partitions, and the answers to them. */
export class RedisPartitions {
  /** Partitions whose hints rest and were returned by this process, as `queue partition`. */
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

  /**
   * Ends the delay of some partitions, or of those that are due; resolves to the milliseconds until
   * the others are. Never throws.
   */
  async wake(queue: string, partitions: readonly string[], when: "due" | "now"): Promise<number> {
    try {
      return (await this.#run(WAKE_PARTITIONS, queue, [newId(), when, ...partitions])) as number;
    } catch {
      return 0; // The repair sends these hints later.
    }
  }

  done({ position, hint }: ReadEntry): void {
    this.#answer(position.stream, PARTITION_DONE, position.queue, [
      GROUP,
      position.id,
      hint.partition!,
      hint.taskId,
    ]);
  }

  rest({ position, hint }: ReadEntry, delayMs: number): void {
    const ms = Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMEOUT_MS - 1);
    const partition = hint.partition!;
    this.#answer(position.stream, PARTITION_REST, position.queue, [
      GROUP,
      position.id,
      partition,
      hint.taskId,
      ms,
    ]);
    if (ms > 0) this.#wakeAfter(position.queue, partition, ms);
  }

  /** Ends the delays that this process waits for, and resolves when all answers are sent. */
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
    // Redis counts from when it received the delay, and another worker may have had the partition
    // since.
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
