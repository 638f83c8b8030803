import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  EventFeed,
  type EventFeedOptions,
  type FeedItem,
  type SubscribeOptions,
} from "../../src/engine/event-feed.ts";
import { MemoryEventStream } from "../../src/events/memory-event-stream.ts";
import type { EventStream } from "../../src/events/event-stream.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { newId } from "../../src/lib/uuid.ts";
import { taskEvent, taskEvents, workerEvent } from "../events/some-events.ts";
import { bound, brief, take, versions } from "./feed-items.ts";

const all = (): boolean => true;

let stream: MemoryEventStream;
let feed: EventFeed;
const iterators: AsyncIterator<FeedItem, undefined>[] = [];

beforeEach(async () => {
  stream = new MemoryEventStream();
  feed = await start({});
});
afterEach(async () => {
  for (const iterator of iterators.splice(0)) await iterator.return?.();
  await feed.stop();
});

async function start(options: Partial<EventFeedOptions>): Promise<EventFeed> {
  await feed?.stop();
  const started = new EventFeed({ stream, clock: systemClock, log: silentLogger, ...options });
  await started.start();
  return started;
}

function subscribe(options: Partial<SubscribeOptions> = {}): AsyncIterableIterator<FeedItem, undefined> {
  const iterator = feed.subscribe({ accept: all, ...options });
  iterators.push(iterator);
  return iterator;
}

/** A live subscriber that has just read all. */
async function live(
  options: Partial<SubscribeOptions> = {},
): Promise<AsyncIterableIterator<FeedItem, undefined>> {
  const iterator = subscribe(options);
  const mark = taskEvent({ version: -1 });
  const first = iterator.next();
  await new Promise(setImmediate); // Until it has found that there is nothing to replay.
  await stream.append([mark]);
  await first;
  return iterator;
}

describe("no task goes backwards", () => {
  test("older versions are left out, equal ones (progress) pass", async () => {
    const iterator = await live();
    const [one, two] = [newId(), newId()];
    await stream.append([...versions(one, 1, 3, 2, 3, 4), ...versions(two, 1)]);
    expect(brief(await take(iterator, 5))).toEqual([1, 3, 3, 4, 1]);
  });

  test("whoever resumes after the newer version is not told the older one that came late", async () => {
    const id = newId();
    const iterator = await live();
    await stream.append([...versions(id, 2), ...versions(id, 1), ...versions(newId(), 5)]);
    const [newer] = await take(iterator, 1);
    const resumed = subscribe({ after: newer!.cursor });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("also on a server that began after the newer one", async () => {
    const id = newId();
    await stream.append([...versions(id, 2)]);
    const newer = await stream.head();
    await stream.append([...versions(id, 1), ...versions(newId(), 5)]);
    feed = await start({});
    const resumed = subscribe({ after: newer });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("also on a server that began long after both", async () => {
    const id = newId();
    await stream.append([...versions(id, 2)]);
    const newer = await stream.head();
    await stream.append([...versions(id, 1), ...versions(newId(), 5), ...taskEvents(5_000)]);
    feed = await start({});
    const resumed = subscribe({ after: newer });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("a server that begins misses nothing of what comes meanwhile", async () => {
    const id = newId();
    await stream.append(versions(id, 1));
    const busy: EventStream = {
      ...bound(stream),
      readUpTo: async (cursor, limit) => {
        await stream.append(versions(id, 3));
        return stream.readUpTo(cursor, limit);
      },
    };
    feed = await start({ stream: busy });
    const iterator = subscribe();
    await stream.append(versions(id, 2, 4));
    expect(brief(await take(iterator, 1))).toEqual([4]);
  });

  test("also in a replay, and from a replay to what is live", async () => {
    const id = newId();
    await stream.append(versions(id, 1, 5, 4));
    feed = await start({});
    const before = (await stream.head()).replace(/\d+$/, "0");
    const iterator = subscribe({ after: before });
    expect(brief(await take(iterator, 2))).toEqual([1, 5]);
    const looked = take(iterator, 1);
    await stream.append(versions(id, 3, 6));
    expect(brief(await looked)).toEqual([6]);
  });
});

describe("a silent feed", () => {
  test("greets who asks for it with a cursor to come back with", async () => {
    await stream.append(taskEvents(2));
    const iterator = subscribe({ greet: true });
    const [greeting] = await take(iterator, 1);
    expect(greeting).toMatchObject({ type: "heartbeat", cursor: await feed.head() });
    await stream.append(versions(newId(), 7));
    expect(brief(await take(iterator, 1))).toEqual([7]);
    expect(brief(await take(subscribe({ after: greeting!.cursor }), 1))).toEqual([7]);
  });

  test("sends heartbeats in a long replay, too, that say how far it is", async () => {
    const clock = { now: () => new Date(), monotonic: () => time };
    let time = 0;
    feed = await start({ heartbeatMs: 15_000, clock });
    const begin = await feed.head();
    await stream.append(taskEvents(1_000));
    await stream.append([workerEvent("LOST")]);
    const readAfter = stream.readAfter.bind(stream);
    const pages: string[] = [];
    vi.spyOn(stream, "readAfter").mockImplementation(async (after, limit) => {
      pages.push(after);
      time += 15_000;
      feed.beat();
      return readAfter(after, limit);
    });
    const iterator = subscribe({ after: begin, accept: (event) => event.kind === "worker" });
    const items = await take(iterator, 3);
    expect(brief(items)).toEqual(["heartbeat", "heartbeat", "LOST"]);
    expect(items.slice(0, 2).map(({ cursor }) => cursor)).toEqual(pages.slice(1, 3));
  });

  test("sends heartbeats with the newest cursor, also of events that were not wanted", async () => {
    feed = await start({ heartbeatMs: 60 });
    const iterator = subscribe({ accept: (event) => event.kind === "worker" });
    const startedAt = performance.now();
    const first = take(iterator, 1);
    await stream.append(taskEvents(3));
    const [heartbeat] = await first;
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(heartbeat).toMatchObject({
      type: "heartbeat",
      cursor: await feed.head(),
      at: expect.any(Date) as Date,
    });
    const second = take(iterator, 1);
    await stream.append([workerEvent("ONLINE")]);
    expect(brief(await second)).toEqual(["ONLINE"]);
    expect(brief(await take(iterator, 2))).toEqual(["heartbeat", "heartbeat"]);
  });
});
