import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { RefusedError } from "../../src/errors.ts";
import type { EventStream, StreamedEvent } from "../../src/events/event-stream.ts";
import type { LovageEvent } from "../../src/task/records/event.ts";
import { controlEvent, taskEvent, taskEvents, workerEvent } from "../support/some-events.ts";

export interface EventStreamUnderTest {
  /** Connected and empty. Keeps fewer than `MANY` appends, but 2,000 events in one. */
  readonly stream: EventStream;
  close(): Promise<void>;
}

/** More single appends than any stream under test keeps. */
const MANY = 2_500;

/** Reads all after a cursor, in pages. */
export async function readAll(stream: EventStream, after: string, page = 7): Promise<StreamedEvent[]> {
  const all: StreamedEvent[] = [];
  for (;;) {
    const { events, gone } = await stream.readAfter(all.at(-1)?.cursor ?? after, page);
    expect(gone).toBe(false);
    expect(events.length).toBeLessThanOrEqual(page);
    if (events.length === 0) return all;
    all.push(...events);
  }
}

const eventsOf = (streamed: readonly StreamedEvent[]): LovageEvent[] => streamed.map(({ event }) => event);

/** What every stream of events does. */
export function eventStreamContract(name: string, make: () => Promise<EventStreamUnderTest>): void {
  describe(`${name} as a stream of events`, () => {
    let stream: EventStream;
    let close: () => Promise<void>;

    beforeEach(async () => {
      const made = await make();
      stream = made.stream;
      close = () => made.close();
    });
    afterEach(() => close());

    test("an event that a task emits is read unchanged, with a schedule and without", async () => {
      const start = await stream.head();
      const events = [null, "0198c0de-0000-7000-8000-000000000001"].flatMap((scheduleId) =>
        [null, 7, "text", { deep: [1, { x: null }] }].map((payload) => ({
          ...taskEvent({ scheduleId }, "EMITTED"),
          emitted: { type: "page.done", payload },
        })),
      );
      await stream.append(events);
      expect(eventsOf(await readAll(stream, start))).toEqual(events);
    });

    test("returns events unchanged, in order, in pages", async () => {
      const start = await stream.head();
      const progress = { current: 3, total: null, message: "half, or so", updatedAt: new Date(1_000) };
      const batches: LovageEvent[][] = [
        [
          taskEvent({ tags: ["a", "b"], progress, priority: "CRITICAL" }, "PROGRESS"),
          workerEvent("ONLINE"),
          controlEvent(),
        ],
        [
          taskEvent(
            { state: "SCHEDULED", startedAt: null, workerId: null, workerName: null, runAt: new Date(5_000) },
            "ENQUEUED",
          ),
        ],
        Array.from({ length: 30 }, (_, version) =>
          taskEvent({ version, finishedAt: new Date(version) }, "SUCCEEDED"),
        ),
        [workerEvent()],
      ];
      for (const batch of batches) await stream.append(batch);
      await stream.append([]);
      expect(eventsOf(await readAll(stream, start))).toEqual(batches.flat());
      expect(eventsOf(await readAll(stream, start, 1))).toEqual(batches.flat());
      expect(eventsOf(await readAll(stream, start, 1_000))).toEqual(batches.flat());
    });

    test("takes a batch of any size whole", async () => {
      const start = await stream.head();
      const events = taskEvents(1_234);
      await stream.append(events);
      expect(eventsOf(await readAll(stream, start, 500))).toEqual(events);
    });

    test("each cursor leads to the events after it, and cursors sort like the events", async () => {
      const start = await stream.head();
      for (let batch = 0; batch < 12; batch += 1) await stream.append(taskEvents(batch % 3));
      const all = await readAll(stream, start);
      expect(all).toHaveLength(12);
      for (const [index, { cursor }] of all.entries()) {
        expect(await stream.readAfter(cursor, 100)).toEqual({ events: all.slice(index + 1), gone: false });
        expect(stream.compareCursors(cursor, cursor)).toBe(0);
        expect(stream.compareCursors(start, cursor)).toBeLessThan(0);
        const next = all[index + 1]?.cursor ?? cursor;
        expect(Math.sign(stream.compareCursors(next, cursor))).toBe(index === 11 ? 0 : 1);
      }
      expect(await stream.head()).toBe(all.at(-1)!.cursor);
    });

    test("reads backwards from a cursor, with that event and no later one, as far as requested or as far as it keeps events", async () => {
      const start = await stream.head();
      expect(await stream.readUpTo(start, 10)).toEqual([]);
      for (let batch = 0; batch < 60; batch += 1) await stream.append(taskEvents(1 + (batch % 3)));
      const all = await readAll(stream, start);
      for (const index of [0, 1, 2, 3, 59, 118, 119]) {
        const { cursor } = all[index]!;
        for (const limit of [1, 2, 45, 500])
          expect(await stream.readUpTo(cursor, limit)).toEqual(
            all.slice(Math.max(0, index + 1 - limit), index + 1),
          );
      }
      await expect(stream.readUpTo("nonsense", 1)).rejects.toThrow(/cannot be read/);
      for (let appended = 0; appended < MANY; appended += 1) await stream.append(taskEvents(1));
      expect(await stream.readUpTo(all[5]!.cursor, 10)).toEqual([]);
    });

    test("reports that the events after a cursor are gone only once they are dropped", async () => {
      const start = await stream.head();
      await stream.append(taskEvents(3));
      const [first] = (await stream.readAfter(start, 1)).events;
      expect((await stream.readAfter(start, 10)).gone).toBe(false);
      for (let appended = 0; appended < MANY; appended += 1) await stream.append(taskEvents(1));
      for (const dropped of [start, first!.cursor]) {
        expect(await stream.readAfter(dropped, 10)).toEqual({ events: [], gone: true });
      }
      // The oldest cursor that still works is followed by all that is kept, without a hole.
      const head = await stream.head();
      await stream.append(taskEvents(5));
      expect(await readAll(stream, head)).toHaveLength(5);
    });

    test("refuses a cursor that it cannot have made, with the remedy", async () => {
      for (const bad of ["", "nonsense", "0", "-1.0", "1-1.x", `1-1.0${" ".repeat(500)}`, "__proto__.1"]) {
        const refusal = expect.objectContaining({ code: "INVALID_INPUT" }) as RefusedError;
        await expect(stream.readAfter(bad, 1), bad).rejects.toThrow(refusal);
        expect(() => stream.compareCursors(bad, bad), bad).toThrow(/cursor .* cannot be read.*after/);
      }
    });

    test("a tail sees all that is appended after it began, once and in order", async () => {
      await stream.append(taskEvents(2));
      const seen: StreamedEvent[] = [];
      const onGap = vi.fn<() => void>();
      const start = await stream.head();
      const stop = await stream.tail((events) => void seen.push(...events), onGap);
      const appended: LovageEvent[] = [];
      for (let batch = 0; batch < 30; batch += 1) {
        const events = taskEvents(1 + (batch % 4));
        appended.push(...events);
        await stream.append(events);
      }
      await vi.waitFor(() => expect(seen).toHaveLength(appended.length));
      expect(eventsOf(seen)).toEqual(appended);
      expect(seen).toEqual(await readAll(stream, start));
      await stop();
      await stream.append(taskEvents(1));
      const stopAgain = await stream.tail((events) => void seen.push(...events), onGap);
      const last = taskEvent();
      await stream.append([last]);
      await vi.waitFor(() => expect(seen.at(-1)?.event).toEqual(last));
      expect(seen).toHaveLength(appended.length + 1);
      expect(onGap).not.toHaveBeenCalled();
      await stopAgain();
    });

    test("a loss is a gap for tails and for replays, and later events arrive", async () => {
      await stream.append(taskEvents(2));
      const before = await stream.head();
      const seen: StreamedEvent[] = [];
      const gaps: { reason: string; cursor: string }[] = [];
      const stop = await stream.tail(
        (events) => void seen.push(...events),
        (reason, cursor) => void gaps.push({ reason, cursor }),
      );
      await stream.appendLoss();
      const events = taskEvents(3);
      await stream.append(events);
      await vi.waitFor(() => expect(eventsOf(seen)).toEqual(events));
      expect(gaps).toMatchObject([{ reason: "Events were lost before they could be published." }]);
      expect(stream.compareCursors(before, gaps[0]!.cursor)).toBeLessThan(0);
      expect((await stream.readAfter(before, 10)).gone).toBe(true);
      expect(await readAll(stream, gaps[0]!.cursor)).toEqual(seen);
      await stop();
    });

    test("several tails do not disturb each other", async () => {
      const counts = [0, 0, 0];
      const stops = await Promise.all(
        counts.map((_, index) =>
          stream.tail(
            (events) => void (counts[index]! += events.length),
            () => undefined,
          ),
        ),
      );
      await stream.append(taskEvents(10));
      await vi.waitFor(() => expect(counts).toEqual([10, 10, 10]));
      await stops[1]!();
      await stream.append(taskEvents(10));
      await vi.waitFor(() => expect(counts).toEqual([20, 10, 20]));
    });
  });
}
