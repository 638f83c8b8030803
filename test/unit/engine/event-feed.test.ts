import { describe, expect, test, vi } from "vitest";
import type { FeedItem } from "../../../src/engine/events/event-feed.ts";
import { RefusedError, UnavailableError } from "../../../src/errors.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import type { EventStream } from "../../../src/events/event-stream.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { taskEvent, taskEvents, workerEvent } from "../../support/some-events.ts";
import { all, feedBench } from "./feed-bench.ts";
import { bound, brief, take, versions } from "./feed-items.ts";

const bench = feedBench();

describe("a subscriber", () => {
  test("gets the events that it accepts, in order, with cursors to continue from", async () => {
    const iterator = bench.subscribe({
      accept: (event) => event.kind !== "task" || event.task.version > 1,
    });
    const id = newId();
    await bench.stream.append([...versions(id, 1, 2), workerEvent("LOST"), ...versions(id, 3)]);
    const items = await take(iterator, 3);
    expect(brief(items)).toEqual([2, "LOST", 3]);
    const resumed = bench.subscribe({ after: items[0]!.cursor });
    expect(await take(resumed, 2)).toEqual(items.slice(1));
  });

  test("loses nothing between subscribing and its first look, and costs nothing until then", async () => {
    await bench.stream.append(taskEvents(3));
    const iterator = bench.subscribe();
    const events = taskEvents(5);
    await bench.stream.append(events);
    expect(bench.feed.subscribers).toBe(0);
    expect((await take(iterator, 5)).map((item) => item.type === "event" && item.event)).toEqual(events);
    expect(bench.feed.subscribers).toBe(1);
  });

  test("can name the tasks and workers it wants", async () => {
    const [mine, other] = [newId(), newId()];
    const worker = workerEvent("ONLINE");
    await bench.stream.append(versions(mine, 1));
    const iterator = bench.subscribe({ ids: [mine, worker.worker.id], after: await bench.feed.head() });
    const looked = take(iterator, 3);
    await bench.stream.append([
      ...versions(other, 5),
      ...versions(mine, 2),
      workerEvent("LOST"),
      worker,
      ...versions(mine, 3),
    ]);
    expect(brief(await looked)).toEqual([2, "ONLINE", 3]);
  });

  test("that leaves is forgotten, also while it waits, and gets no more", async () => {
    const [waiting, named] = [bench.subscribe(), bench.subscribe({ ids: [newId()] })];
    const looks = [waiting.next(), waiting.next(), named.next()];
    expect(bench.feed.subscribers).toBe(2);
    await waiting.return!();
    await expect(named.throw!(new Error("mine"))).rejects.toThrow("mine");
    await bench.stream.append(taskEvents(1));
    for (const look of looks) expect(await look).toEqual({ done: true, value: undefined });
    expect(await waiting.next()).toEqual({ done: true, value: undefined });
    expect(bench.feed.subscribers).toBe(0);
  });

  test("with a filter that throws ends with that error; the others continue", async () => {
    const good = await bench.live();
    const bad = bench.subscribe({
      accept: () => {
        throw new Error("broken filter");
      },
    });
    const look = expect(bad.next()).rejects.toThrow("broken filter");
    await bench.stream.append(taskEvents(2));
    await look;
    expect(await bad.next()).toEqual({ done: true, value: undefined });
    expect(await take(good, 2)).toHaveLength(2);
    expect(bench.feed.subscribers).toBe(1);
  });
});

describe("replay", () => {
  test("continues into live events without gap or double, in any interleaving", async () => {
    const id = newId();
    let version = 0;
    const append = (count: number): Promise<void> =>
      bench.stream.append(versions(id, ...Array.from({ length: count }, () => (version += 1))));
    const start = await bench.feed.head();
    await append(700);
    const readAfter = bench.stream.readAfter.bind(bench.stream);
    // Each page is followed by new events before it reaches the reader.
    vi.spyOn(bench.stream, "readAfter").mockImplementation(async (after, limit) => {
      const page = await readAfter(after, limit);
      if (version < 1_500) await append(100);
      return page;
    });
    const iterator = bench.subscribe({ after: start, capacity: 2_000 });
    const items = await take(iterator, 1_500);
    const rest = take(iterator, 50);
    await append(50);
    expect(brief([...items, ...(await rest)])).toEqual(
      Array.from({ length: 1_550 }, (_, index) => index + 1),
    );
  });

  test("that runs ahead of the live events skips those that it has sent", async () => {
    // A tail that is late: it hears of events only when the test says so.
    const late: (() => void)[] = [];
    const slow: EventStream = {
      ...bound(bench.stream),
      tail: (onEvents) => bench.stream.tail((events) => void late.push(() => onEvents(events))),
    };
    await bench.start({ stream: slow });
    const id = newId();
    const iterator = bench.subscribe();
    await bench.stream.append(versions(id, 1, 2));
    const other = bench.subscribe();
    await bench.stream.append(versions(id, 3));
    expect(brief(await take(iterator, 3))).toEqual([1, 2, 3]);
    expect(brief(await take(other, 3))).toEqual([1, 2, 3]);
    const looks = [take(iterator, 1), take(other, 1)];
    await bench.stream.append(versions(id, 4));
    for (const hear of late) hear();
    expect((await Promise.all(looks)).map(brief)).toEqual([[4], [4]]);
  });

  test("is read only as fast as the subscriber reads", async () => {
    const start = await bench.feed.head();
    await bench.stream.append(taskEvents(5_000));
    const readAfter = vi.spyOn(bench.stream, "readAfter");
    const iterator = bench.subscribe({ after: start, capacity: 50 });
    await take(iterator, 50);
    expect(readAfter).toHaveBeenCalledTimes(1);
    expect(brief(await take(iterator, 4_950))).not.toContain("lag");
  });

  test("from a cursor that is gone is one reset, then live", async () => {
    bench.stream = new MemoryEventStream({ capacity: 10 });
    await bench.start({});
    const gone = await bench.feed.head();
    for (let appended = 0; appended < 20; appended += 1) await bench.stream.append(taskEvents(1));
    const iterator = bench.subscribe({ after: gone });
    const [reset] = await take(iterator, 1);
    expect(reset).toMatchObject({
      type: "reset",
      cursor: await bench.feed.head(),
      reason: expect.any(String) as string,
    });
    const looked = take(iterator, 2);
    await bench.stream.append(versions(newId(), 7, 8));
    expect(brief(await looked)).toEqual([7, 8]);
    const again = bench.subscribe({ after: reset!.cursor });
    expect(brief(await take(again, 2))).toEqual([7, 8]);
  });

  test("from a cursor that cannot be read is refused at once", () => {
    expect(() => bench.feed.subscribe({ accept: all, after: "nonsense" })).toThrow(RefusedError);
  });

  test("outlasts a stream that does not answer for a while", async () => {
    const iterator = bench.subscribe();
    await bench.stream.append(versions(newId(), 1));
    const readAfter = vi
      .spyOn(bench.stream, "readAfter")
      .mockRejectedValueOnce(new UnavailableError("broker"));
    expect(brief(await take(iterator, 1))).toEqual([1]);
    expect(readAfter.mock.calls.length).toBeGreaterThan(1);
  });
});

describe("a subscriber that is slow", () => {
  test("keeps the newest event of each task, and reports how many are missing", async () => {
    const iterator = await bench.live({ capacity: 10 });
    const ids = Array.from({ length: 5 }, () => newId());
    for (let version = 1; version <= 20; version += 1) {
      await bench.stream.append(ids.flatMap((id) => versions(id, version)));
    }
    const items = await take(iterator, 2);
    expect(items[0]).toMatchObject({ type: "lag" });
    let told = 0;
    const newest = new Map<string, number>();
    let item: FeedItem | undefined = items[0];
    for (let next: FeedItem | undefined = items[1]; ;) {
      if (item?.type === "lag") told += item.skipped;
      if (item?.type === "event" && item.event.kind === "task")
        newest.set(item.event.task.id, item.event.task.version);
      if (item?.type === "event") told += 1;
      if (told === 100) break;
      item = next ?? (await take(iterator, 1))[0];
      next = undefined;
    }
    expect(newest).toEqual(new Map(ids.map((id) => [id, 20])));
  });

  test("loses the oldest events when there are more tasks than room, and can continue from the lag's cursor", async () => {
    const iterator = await bench.live({ capacity: 10 });
    const events = taskEvents(25);
    for (const event of events) await bench.stream.append([event]);
    const items = await take(iterator, 11);
    expect(items[0]).toMatchObject({ type: "lag", skipped: 15 });
    const kept = events.slice(15);
    expect(items.slice(1).map((item) => item.type === "event" && item.event)).toEqual(kept);
    const resumed = bench.subscribe({ after: items[0]!.cursor });
    expect((await take(resumed, 10)).map((item) => item.type === "event" && item.event)).toEqual(kept);
  });

  test("loses no emitted event of a task to its other events, and the oldest of them where there is no room", async () => {
    const iterator = await bench.live({ capacity: 10 });
    const id = newId();
    const emitted = (payload: number) => ({
      ...taskEvent({ id }, "EMITTED"),
      emitted: { type: "step", payload },
    });
    const payloads = (items: readonly FeedItem[]) =>
      items.flatMap((item) =>
        item.type === "event" && item.event.kind === "task" ? (item.event.emitted?.payload ?? "state") : [],
      );
    for (let step = 0; step < 8; step += 1) await bench.stream.append([emitted(step)]);
    for (let step = 0; step < 8; step += 1) await bench.stream.append(versions(id, 2));
    expect(payloads(await take(iterator, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, "state"]);
    for (let step = 0; step < 25; step += 1) await bench.stream.append([emitted(step)]);
    const items = await take(iterator, 11);
    expect(items[0]).toMatchObject({ type: "lag", skipped: 15 });
    expect(payloads(items)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  });

  test("and a crowd of such leave the process time for other things", async () => {
    const crowd = await Promise.all(Array.from({ length: 10 }, () => bench.live()));
    await bench.stream.append(taskEvents(100));
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns += 1;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(
      crowd.map(async (iterator) => {
        for (let item = 0; item < 100; item += 1) {
          await iterator.next();
          // What making and sending a message takes.
          for (const until = performance.now() + 0.2; performance.now() < until;);
        }
      }),
    );
    reading = false;
    expect(turns).toBeGreaterThan(5);
  });

  test("does not slow down the others", async () => {
    const [slow, quick] = [await bench.live({ capacity: 5 }), await bench.live()];
    await take(slow, 1);
    for (let round = 0; round < 100; round += 1) {
      const looked = take(quick, 10);
      await bench.stream.append(taskEvents(10));
      expect(brief(await looked)).not.toContain("lag");
    }
    expect(brief(await take(slow, 1))).toEqual(["lag 995"]);
  });
});

describe("a maximum rate", () => {
  test("merges events of one task above it, silently; below it each one comes", async () => {
    const iterator = await bench.live({ maxRate: 20 });
    const id = newId();
    await bench.stream.append(versions(id, 1, 2, 3));
    expect(brief(await take(iterator, 3))).toEqual([1, 2, 3]);
    const startedAt = performance.now();
    for (let version = 4; version <= 200; version += 1) await bench.stream.append(versions(id, version));
    const items: FeedItem[] = [];
    while (brief(items).at(-1) !== 200) items.push(...(await take(iterator, 1)));
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(items.length).toBeLessThanOrEqual(20 + 20 * seconds);
    expect(items.every((item) => item.type === "event")).toBe(true);
    expect(brief(items)).toEqual(brief(items).toSorted((a, b) => Number(a) - Number(b)));
  });

  test("sends no more than so many a second, but all of different tasks", async () => {
    const iterator = await bench.live({ maxRate: 100 });
    const startedAt = performance.now();
    await bench.stream.append(taskEvents(150));
    expect(brief(await take(iterator, 150))).not.toContain("lag");
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });
});

test("a gap in the stream is a reset for every live subscriber, instead of the waiting events", async () => {
  let gap: (reason: string, cursor: string) => void = () => undefined;
  const leaky: EventStream = {
    ...bound(bench.stream),
    tail: (onEvents, onGap) => {
      gap = onGap;
      return bench.stream.tail(onEvents);
    },
  };
  await bench.start({ stream: leaky });
  const id = newId();
  const subscribers = [bench.subscribe(), bench.subscribe({ ids: [id] })];
  const first = subscribers.map((iterator) => take(iterator, 1));
  await bench.stream.append(versions(id, 0));
  await Promise.all(first);
  await bench.stream.append(versions(id, 1));
  gap("It was emptied.", await bench.stream.head());
  await bench.stream.append(versions(id, 2));
  for (const iterator of subscribers) {
    const items = await take(iterator, 2);
    expect(brief(items)).toEqual(["reset", 2]);
    expect(items[0]).toMatchObject({ reason: "It was emptied." });
  }
});

test("stopping ends every iteration, and no new one starts", async () => {
  const iterator = await bench.live();
  const ended = (async () => {
    for await (const item of iterator) void item;
  })();
  const unused = bench.subscribe();
  await bench.feed.stop();
  await bench.feed.stop();
  await ended;
  expect(await unused.next()).toEqual({ done: true, value: undefined });
  expect(await bench.subscribe().next()).toEqual({ done: true, value: undefined });
  expect(bench.feed.subscribers).toBe(0);
});
