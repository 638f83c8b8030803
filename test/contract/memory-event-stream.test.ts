import { expect, test } from "vitest";

import { MemoryEventStream } from "../../src/events/memory/event-stream.ts";
import { eventStreamContract, readAll } from "./event-stream.ts";
import { taskEvents } from "../support/some-events.ts";

eventStreamContract("MemoryEventStream", async () => {
  const stream = new MemoryEventStream({ capacity: 2_000 });
  return { stream, close: () => stream.close() };
});

test("a cursor of an earlier process is gone, not misread", async () => {
  const [earlier, later] = [new MemoryEventStream(), new MemoryEventStream()];
  await earlier.append(taskEvents(3));
  await later.append(taskEvents(5));
  expect(await later.readAfter(await earlier.head(), 10)).toEqual({ events: [], gone: true });
});

test("keeps the configured number of events, by whole appends", async () => {
  const stream = new MemoryEventStream({ capacity: 10 });
  const start = await stream.head();
  for (let appended = 0; appended < 4; appended += 1) await stream.append(taskEvents(4));
  expect((await stream.readAfter(start, 100)).gone).toBe(true);
  const cursor = (await stream.head()).replace(/\d+$/, "4");
  expect(await readAll(stream, cursor)).toHaveLength(12);
});

test("keeps no more characters than configured", async () => {
  const stream = new MemoryEventStream({ maxText: 100_000 });
  const start = await stream.head();
  const large = taskEvents(1).map((event) => ({
    ...event,
    type: "EMITTED" as const,
    emitted: { type: "large", payload: "x".repeat(10_000) },
  }));
  for (let appended = 0; appended < 9; appended += 1) await stream.append(large);
  expect(await readAll(stream, start)).toHaveLength(9);
  for (let appended = 0; appended < 9; appended += 1) await stream.append(large);
  expect((await stream.readAfter(start, 100)).gone).toBe(true);
  const cursor = (await stream.head()).replace(/\d+$/, "9");
  expect(await readAll(stream, cursor)).toHaveLength(9);
});
