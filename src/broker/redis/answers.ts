import type { RedisConnections } from "../../redis/connections.ts";
import { runScript, type RedisScript } from "../../redis/script.ts";
import { positionKey, type EntryPosition, type ReadEntry } from "./entries.ts";
import { GROUP } from "./keys.ts";
import { ACK, KEEP, PUT_BACK } from "./scripts.ts";

export interface RedisAnswersOptions {
  readonly connections: Pick<RedisConnections, "run">;
  readonly consumer: string;
  /**
   * How often the idle time of entries that wait for a retry is reset, so that nobody claims them.
   */
  readonly keepEveryMs: number;
  /** Called when answers were lost. Their entries stay pending and are delivered again. */
  readonly onLost: (stream: string, error: unknown) => void;
}

interface Held {
  readonly entry: ReadEntry;
  readonly dueAt: number;
  timer: NodeJS.Timeout;
}

const MAX_BATCH = 1_000;

/**
 * Sends the answers to deliveries. Answers of one turn of the event loop share one script per
 * stream.
 */
export class RedisAnswers {
  readonly #acks = new Map<string, string[]>();
  readonly #backs = new Map<string, (string | number)[]>();
  readonly #keeps = new Map<string, string[]>();
  readonly #held = new Map<string, Held>();
  readonly #underWay = new Set<Promise<void>>();
  #scheduled = false;

  constructor(private readonly options: RedisAnswersOptions) {}

  ack(position: EntryPosition): void {
    push(this.#acks, position.stream, position.id);
    this.#schedule();
  }

  /** Returns the entry to the end of its stream, with this number of bounces. */
  putBack(entry: ReadEntry, bounces: number): void {
    push<string | number>(this.#backs, entry.position.stream, entry.position.id, entry.hint.taskId, bounces);
    this.#schedule();
  }

  /**
   * Returns the entry after a delay, with one more bounce. Until then it stays pending here; if
   * this process dies, others claim it.
   */
  putBackAfter(entry: ReadEntry, delayMs: number): void {
    if (!(delayMs > 0)) return this.putBack(entry, entry.bounces + 1);
    const held = { entry, dueAt: performance.now() + delayMs } as Held;
    this.#held.set(entry.key, held);
    if (delayMs > this.options.keepEveryMs) this.#keep(held);
    this.#wait(held);
  }

  /** Whether an entry waits here for the end of its delay. */
  holds(position: EntryPosition): boolean {
    return this.#held.has(positionKey(position));
  }

  /** Ends all delays now and resolves when every answer was sent. */
  async flush(): Promise<void> {
    for (const held of this.#held.values()) this.#release(held);
    this.#send();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #wait(held: Held): void {
    const left = held.dueAt - performance.now();
    held.timer = setTimeout(
      () => {
        if (left <= this.options.keepEveryMs) return this.#release(held);
        this.#keep(held);
        this.#wait(held);
      },
      Math.min(left, this.options.keepEveryMs),
    );
  }

  #keep({ entry }: Held): void {
    push(this.#keeps, entry.position.stream, entry.position.id);
    this.#schedule();
  }

  #release(held: Held): void {
    clearTimeout(held.timer);
    this.#held.delete(held.entry.key);
    this.putBack(held.entry, held.entry.bounces + 1);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#scheduled = false;
    const me = [GROUP, this.options.consumer];
    for (const [stream, ids] of this.#acks) this.#run(ACK, stream, [GROUP], ids, MAX_BATCH);
    for (const [stream, triples] of this.#backs) this.#run(PUT_BACK, stream, [GROUP], triples, 3 * MAX_BATCH);
    for (const [stream, ids] of this.#keeps) this.#run(KEEP, stream, me, ids, MAX_BATCH);
    this.#acks.clear();
    this.#backs.clear();
    this.#keeps.clear();
  }

  #run(script: RedisScript, stream: string, fixed: string[], args: (string | number)[], batch: number): void {
    for (let start = 0; start < args.length; start += batch) {
      const some = args.length <= batch ? args : args.slice(start, start + batch);
      const sent = runScript(this.options.connections, script, [stream], [...fixed, ...some]).then(
        () => void this.#underWay.delete(sent),
        (error: unknown) => {
          this.#underWay.delete(sent);
          this.options.onLost(stream, error);
        },
      );
      this.#underWay.add(sent);
    }
  }
}

function push<Value>(lists: Map<string, Value[]>, key: string, ...values: Value[]): void {
  const list = lists.get(key);
  if (list) list.push(...values);
  else lists.set(key, values);
}
