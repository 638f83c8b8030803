import { describe, expect, test } from "vitest";
import type { FeedItem } from "../../../src/engine/events/event-feed.ts";
import { newId } from "../../../src/lib/uuid.ts";
import type { LovageEvent } from "../../../src/task/records/event.ts";
import { taskEvent } from "../../support/some-events.ts";
import { feedBench } from "./feed-bench.ts";
import { brief, take, versions } from "./feed-items.ts";

const bench = feedBench();

function mergedOf(items: readonly FeedItem[]): (number | null)[] {
  return items.map((item) => (item.type === "event" ? item.merged : null));
}

describe("the delivery LATEST", () => {
  test("sends of the waiting events of each task the newest, which counts the others; ALL sends each", async () => {
    const every = await bench.live();
    const latest = await bench.live({ delivery: { mode: "LATEST" } });
    const [one, other] = [newId(), newId()];
    await bench.stream.append([...versions(one, 1, 2), ...versions(other, 11), ...versions(one, 3)]);
    const items = await take(latest, 2);
    expect([brief(items), mergedOf(items)]).toEqual([
      [11, 3],
      [0, 2],
    ]);
    // The mark of the bench that made the second subscriber live comes first.
    const all = (await take(every, 5)).slice(1);
    expect([brief(all), mergedOf(all)]).toEqual([
      [1, 2, 11, 3],
      [0, 0, 0, 0],
    ]);
  });

  test("never merges emitted events, nor an end into a later event", async () => {
    const iterator = await bench.live({ delivery: { mode: "LATEST" } });
    const id = newId();
    await bench.stream.append([
      ...versions(id, 2),
      taskEvent({ id, version: 2 }, "EMITTED"),
      taskEvent({ id, version: 2 }, "EMITTED"),
      taskEvent({ id, version: 3, state: "SUCCESS" }, "SUCCEEDED"),
    ]);
    const items = await take(iterator, 3);
    expect(items.map((item) => item.type === "event" && "type" in item.event && item.event.type)).toEqual([
      "EMITTED",
      "EMITTED",
      "SUCCEEDED",
    ]);
    expect(mergedOf(items)).toEqual([0, 0, 1]);
  });

  test("waits `every` between two deliveries, and sends the first event and an urgent one at once", async () => {
    const isUrgent = (event: LovageEvent): boolean => event.kind === "task" && event.task.state === "SUCCESS";
    const iterator = await bench.live({ delivery: { mode: "LATEST", everyMs: 400 }, isUrgent });
    const id = newId();
    const startedAt = performance.now();
    await bench.stream.append(versions(id, 1));
    await bench.stream.append(versions(id, 2));
    await bench.stream.append(versions(id, 3));
    const held = await take(iterator, 1);
    // `live` has read its mark just before, so the first delivery is one wait later.
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect([brief(held), mergedOf(held)]).toEqual([[3], [2]]);
    const urgentAt = performance.now();
    const end = take(iterator, 1);
    await bench.stream.append([
      ...versions(id, 4),
      taskEvent({ id, version: 5, state: "SUCCESS" }, "SUCCEEDED"),
    ]);
    expect(mergedOf(await end)).toEqual([1]);
    expect(performance.now() - urgentAt).toBeLessThan(300);
  });

  test("does not delay replayed events", async () => {
    const cursor = await bench.feed.head();
    const id = newId();
    await bench.stream.append(versions(id, 1));
    await bench.stream.append(versions(id, 2));
    const iterator = bench.subscribe({ after: cursor, delivery: { mode: "LATEST", everyMs: 10_000 } });
    const items = await take(iterator, 1);
    expect([brief(items), mergedOf(items)]).toEqual([[2], [1]]);
  });

  test("counts the drops of a full queue with its earlier replacements", async () => {
    const iterator = await bench.live({ delivery: { mode: "LATEST" }, capacity: 2 });
    const first = newId();
    await bench.stream.append([...versions(first, 1, 2), ...versions(newId(), 3), ...versions(newId(), 4)]);
    expect(brief(await take(iterator, 3))).toEqual(["lag 2", 3, 4]);
  });
});

test("a maximum rate counts merged events", async () => {
  const iterator = await bench.live({ maxRate: 10 });
  const id = newId();
  const sent = Array.from({ length: 30 }, (_, index) => index + 1);
  for (const version of sent) await bench.stream.append(versions(id, version));
  const items: FeedItem[] = [];
  while (brief(items).at(-1) !== 30) items.push(...(await take(iterator, 1)));
  const merged = mergedOf(items).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  expect(items.length + merged).toBe(30);
  expect(merged).toBeGreaterThan(0);
});
