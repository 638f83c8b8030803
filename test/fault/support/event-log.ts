import type { Redis } from "ioredis";
import { readEventEntry, type RawEventEntry } from "../../../src/events/redis/event-entry.ts";
import type { Cursor, StreamedEvent } from "../../../src/events/event-stream.ts";
import type { TaskSummary } from "../../../src/task/records/task.ts";
import type { Cluster } from "./cluster.ts";

interface Told {
  /** Its place among all. */
  readonly place: number;
  readonly task: TaskSummary;
  /** Something newer of its task had been told before it: nobody should hear it. */
  readonly overtaken: boolean;
}

/** What is wrong with what a subscriber heard: how many updates */
export interface Review {
  /** … are still to come, after all that it heard; */
  readonly pending: number;
  /** … it missed, and nothing newer of their task came; */
  readonly gaps: number;
  /** … it missed, but something newer of their task came; */
  readonly merged: number;
  /** … it heard though it had heard them, or what came after them, before; */
  readonly doubles: number;
  /** … it heard after something newer of their task; */
  readonly backwards: number;
  /** … it heard that were not meant for it. */
  readonly strangers: number;
}

/**
 * Everything that was ever told about tasks, in its order: read straight from Redis while it is
 * there. What subscribers are held to.
 */
export class EventLog implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly #byCursor = new Map<string, Told>();
  readonly #newest = new Map<string, number>();
  readonly #redis: Redis;
  readonly #stream: string;
  readonly #reading: Promise<void>;
  #at = "0-0";

  constructor({ admin, prefix }: Pick<Cluster, "admin" | "prefix">) {
    this.#redis = admin.duplicate();
    this.#redis.on("error", () => undefined); // It ends by being disconnected.
    this.#stream = `{${prefix}}:events`;
    this.#reading = this.#read();
  }

  get overtaken(): number {
    return this.told.filter((told) => told.overtaken).length;
  }

  /**
   * Looks at what a subscriber heard, from the first update on. `fits` says which tasks are meant
   * for it.
   */
  review(heard: readonly Cursor[], fits: (task: TaskSummary) => boolean): Review {
    const got = new Set<Told>();
    const newest = new Map<string, number>();
    let [last, doubles, backwards, strangers] = [-1, 0, 0, 0];
    for (const cursor of heard) {
      const told = this.#byCursor.get(cursor);
      if (!told || !fits(told.task)) {
        strangers += 1;
        continue;
      }
      const { place, task } = told;
      if (place <= last) doubles += 1;
      const before = newest.get(task.id) ?? -1;
      if (before >= task.version) backwards += 1;
      last = Math.max(last, place);
      newest.set(task.id, Math.max(before, task.version));
      got.add(told);
    }
    const begin = this.#byCursor.get(heard[0]!)?.place ?? 0;
    const missed = this.told
      .slice(begin)
      .filter((told) => !told.overtaken && !got.has(told) && fits(told.task));
    const pending = missed.filter(({ place }) => place > last).length;
    const gaps = missed.filter(
      ({ place, task }) => place < last && (newest.get(task.id) ?? -1) < task.version,
    ).length;
    return { pending, gaps, merged: missed.length - pending - gaps, doubles, backwards, strangers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    await this.#reading;
  }

  async #read(): Promise<void> {
    for (;;) {
      const reply = await this.#redis
        .xread("COUNT", 200, "BLOCK", 1_000, "STREAMS", this.#stream, this.#at)
        .catch(() => "over" as const);
      if (reply === "over") return;
      for (const raw of (reply?.[0]?.[1] ?? []) as RawEventEntry[]) {
        this.#at = raw[0];
        for (const streamed of readEventEntry(raw).events) this.#take(streamed);
      }
    }
  }

  #take({ cursor, event }: StreamedEvent): void {
    if (event.kind !== "task") return;
    const { task } = event;
    const overtaken = (this.#newest.get(task.id) ?? -1) > task.version;
    if (!overtaken) this.#newest.set(task.id, task.version);
    const told = { place: this.told.length, task, overtaken };
    this.told.push(told);
    this.#byCursor.set(cursor, told);
  }
}
