import { describe, expect, test, vi } from "vitest";
import type { EventStream } from "../../../src/events/event-stream.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { taskEvents, workerEvent } from "../../support/some-events.ts";
import { feedBench } from "./feed-bench.ts";
import { bound, brief, take, versions } from "./feed-items.ts";

const bench = feedBench();

describe("no task goes backwards", () => {
  test("older versions are left out, equal ones (progress) pass", async () => {
    const iterator = await bench.live();
    const [one, two] = [newId(), newId()];
    await bench.stream.append([...versions(one, 1, 3, 2, 3, 4), ...versions(two, 1)]);
    expect(brief(await take(iterator, 5))).toEqual([1, 3, 3, 4, 1]);
  });

  test("a subscriber that resumes after the newer version does not receive the older one that came late", async () => {
    const id = newId();
    const iterator = await bench.live();
    await bench.stream.append([...versions(id, 2), ...versions(id, 1), ...versions(newId(), 5)]);
    const [newer] = await take(iterator, 1);
    const resumed = bench.subscribe({ after: newer!.cursor });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("also on a server that began after the newer one", async () => {
    const id = newId();
    await bench.stream.append([...versions(id, 2)]);
    const newer = await bench.stream.head();
    await bench.stream.append([...versions(id, 1), ...versions(newId(), 5)]);
    await bench.start({});
    const resumed = bench.subscribe({ after: newer });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("also on a server that began long after both", async () => {
    const id = newId();
    await bench.stream.append([...versions(id, 2)]);
    const newer = await bench.stream.head();
    await bench.stream.append([...versions(id, 1), ...versions(newId(), 5), ...taskEvents(5_000)]);
    await bench.start({});
    const resumed = bench.subscribe({ after: newer });
    expect(brief(await take(resumed, 1))).toEqual([5]);
  });

  test("a server that starts misses no event that comes meanwhile", async () => {
    const id = newId();
    await bench.stream.append(versions(id, 1));
    const busy: EventStream = {
      ...bound(bench.stream),
      readUpTo: async (cursor, limit) => {
        await bench.stream.append(versions(id, 3));
        return bench.stream.readUpTo(cursor, limit);
      },
    };
    await bench.start({ stream: busy });
    const iterator = bench.subscribe();
    await bench.stream.append(versions(id, 2, 4));
    expect(brief(await take(iterator, 1))).toEqual([4]);
  });

  test("also in a replay, and from a replay to live events", async () => {
    const id = newId();
    await bench.stream.append(versions(id, 1, 5, 4));
    await bench.start({});
    const before = (await bench.stream.head()).replace(/\d+$/, "0");
    const iterator = bench.subscribe({ after: before });
    expect(brief(await take(iterator, 2))).toEqual([1, 5]);
    const looked = take(iterator, 1);
    await bench.stream.append(versions(id, 3, 6));
    expect(brief(await looked)).toEqual([6]);
  });
});

describe("a silent feed", () => {
  test("sends a cursor to return with to each client that asks for it", async () => {
    await bench.stream.append(taskEvents(2));
    const iterator = bench.subscribe({ greet: true });
    const [greeting] = await take(iterator, 1);
    expect(greeting).toMatchObject({ type: "heartbeat", cursor: await bench.feed.head() });
    await bench.stream.append(versions(newId(), 7));
    expect(brief(await take(iterator, 1))).toEqual([7]);
    expect(brief(await take(bench.subscribe({ after: greeting!.cursor }), 1))).toEqual([7]);
  });

  test("sends heartbeats in a long replay, too, with its position", async () => {
    const clock = { now: () => new Date(), monotonic: () => time };
    let time = 0;
    await bench.start({ heartbeatMs: 15_000, clock });
    const begin = await bench.feed.head();
    await bench.stream.append(taskEvents(1_000));
    await bench.stream.append([workerEvent("LOST")]);
    const readAfter = bench.stream.readAfter.bind(bench.stream);
    const pages: string[] = [];
    vi.spyOn(bench.stream, "readAfter").mockImplementation(async (after, limit) => {
      pages.push(after);
      time += 15_000;
      bench.feed.sendHeartbeats();
      return readAfter(after, limit);
    });
    const iterator = bench.subscribe({ after: begin, accept: (event) => event.kind === "worker" });
    const items = await take(iterator, 3);
    expect(brief(items)).toEqual(["heartbeat", "heartbeat", "LOST"]);
    expect(items.slice(0, 2).map(({ cursor }) => cursor)).toEqual(pages.slice(1, 3));
  });

  test("sends heartbeats with the newest cursor, also of events that were not wanted", async () => {
    await bench.start({ heartbeatMs: 60 });
    const iterator = bench.subscribe({ accept: (event) => event.kind === "worker" });
    const startedAt = performance.now();
    const first = take(iterator, 1);
    await bench.stream.append(taskEvents(3));
    const [heartbeat] = await first;
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(heartbeat).toMatchObject({
      type: "heartbeat",
      cursor: await bench.feed.head(),
      at: expect.any(Date) as Date,
    });
    const second = take(iterator, 1);
    await bench.stream.append([workerEvent("ONLINE")]);
    expect(brief(await second)).toEqual(["ONLINE"]);
    expect(brief(await take(iterator, 2))).toEqual(["heartbeat", "heartbeat"]);
  });
});
