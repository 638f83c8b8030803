import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Broker, Consumer, Delivery } from "../../src/broker/broker.ts";
import { newId } from "../../src/lib/uuid.ts";
import type { Hint } from "../../src/task/records/hint.ts";
import { BLOCK_MS, type BrokerUnderTest, hint } from "./broker.ts";

const NEVER = new AbortController().signal;

function ofLane(lane: string, queue = "mail"): Hint {
  return { ...hint(queue), lane };
}

/** What every broker does with the hints of lanes. */
export function laneContract(name: string, make: () => Promise<BrokerUnderTest>): void {
  describe(`lanes of ${name}`, () => {
    let made: BrokerUnderTest;
    let broker: Broker;
    let consumer: Consumer;
    beforeEach(async () => {
      made = await make();
      broker = made.broker;
      consumer = broker.consumer({ consumer: newId() });
    });
    afterEach(() => made.close());

    /** The lanes of what a fetch brings; unanswered. */
    const fetched = async (max = 10): Promise<Delivery[]> => consumer.fetch(["mail"], max, NEVER);
    const lanesOf = (deliveries: readonly Delivery[]): (string | undefined)[] =>
      deliveries.map(({ lane }) => lane);
    const sorted = (deliveries: readonly Delivery[]): string[] =>
      deliveries.map(({ lane }) => lane ?? "none").toSorted();
    /** Nothing comes, as far as the next hint that is sent tells. */
    async function expectNothing(): Promise<void> {
      const other = hint("mail");
      await broker.send([other]);
      const got = await fetched();
      expect(got.map(({ taskId }) => taskId)).toEqual([other.taskId]);
      got[0]!.ack();
    }

    test("each lane has one hint, however often it is sent, and none of them counts in the depth", async () => {
      await broker.send([ofLane("a"), ofLane("b"), ofLane("a")]);
      await broker.send([ofLane("a"), ofLane("*")]);
      expect(await broker.depth("mail")).toBe(0);
      const got = await fetched();
      expect(sorted(got)).toEqual(["*", "a", "b"]);
      await expectNothing();
      await broker.purge("mail");
      for (const delivery of got) delivery.ack();
    });

    test("a lane that was sent while somebody looked at it comes once more", async () => {
      await broker.send([ofLane("a")]);
      const [first] = await fetched();
      await broker.send([ofLane("a"), ofLane("a")]);
      first!.ack();
      const [again] = await fetched();
      expect(again!.lane).toBe("a");
      again!.ack();
      await expectNothing();
      await broker.send([ofLane("a")]);
      expect(lanesOf(await fetched())).toEqual(["a"]);
    });

    test("a lane that was handed back comes after its delay, and not sooner when it is sent", async () => {
      await broker.send([ofLane("a")]);
      const [first] = await fetched();
      const at = performance.now();
      first!.retry(300);
      await expectNothing();
      await broker.send([ofLane("a")]);
      expect(lanesOf(await fetched())).toEqual(["a"]);
      expect(performance.now() - at).toBeGreaterThan(290);
    });

    test("a task with a key of its own wakes its lane", async () => {
      await broker.send([ofLane("a")]);
      (await fetched())[0]!.retry(60_000);
      await expectNothing();
      await broker.send([{ ...ofLane("a"), wakes: true }, ofLane("a")]);
      expect(lanesOf(await fetched())).toEqual(["a"]);
    });

    test("a lane that was woken while somebody looked at it comes again at once, whatever that one found", async () => {
      await broker.send([ofLane("a"), ofLane("b"), ofLane("c")]);
      const got = await fetched();
      await broker.send([{ ...ofLane("a"), wakes: true }, ofLane("c")]);
      broker.wakeLanes("mail", ["b"]);
      // What is sent after it arrives after it.
      await broker.send([]);
      for (const delivery of got) delivery.retry(60_000);
      const lanes = new Set<string | undefined>();
      while (lanes.size < 2) for (const { lane } of await fetched()) lanes.add(lane);
      expect(lanes).toEqual(new Set(["a", "b"]));
      await expectNothing();
    });

    test("a lane that is woken comes at once; others of its queue, and those of others, do not", async () => {
      await broker.send([ofLane("a"), ofLane("b"), ofLane("c", "images")]);
      for (const delivery of await consumer.fetch(["mail", "images"], 10, NEVER)) delivery.retry(60_000);
      // The answers are on their way.
      await vi.waitFor(async () => {
        broker.wakeLanes("mail", ["a", "unknown"]);
        expect(lanesOf(await fetched())).toEqual(["a"]);
      });
      broker.wakeLanes("mail", "all");
      expect(lanesOf(await fetched())).toEqual(["b"]);
    });

    test("lanes and hints of tasks are read by turns: a flood of either keeps no other waiting", async () => {
      await broker.send([
        ...Array.from({ length: 20 }, () => hint("mail", "CRITICAL")),
        ofLane("a"),
        ofLane("b"),
      ]);
      const first = [...(await fetched(1)), ...(await fetched(1)), ...(await fetched(1))];
      expect(lanesOf(first).filter((lane) => lane !== undefined)).toHaveLength(2);
      expect(lanesOf(first)).toContain(undefined);
    });

    test("a consumer that leaves hands over its lanes, also those that wait for their delay", async () => {
      await broker.send([ofLane("a"), ofLane("b")]);
      const got = await fetched();
      got
        .find(({ lane }) => lane === "a")!
        .retry(made.broker.constructor.name === "MemoryBroker" ? 0 : 60_000);
      await consumer.close();
      consumer = broker.consumer({ consumer: newId() });
      const lanes = new Set<string | undefined>();
      await vi.waitFor(
        async () => {
          for (const { lane } of await fetched()) lanes.add(lane);
          expect(lanes).toEqual(new Set(["a", "b"]));
        },
        { timeout: 2 * BLOCK_MS },
      );
    });
  });
}
