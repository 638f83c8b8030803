import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Broker, Consumer, Delivery } from "../../src/broker/broker.ts";
import { newId } from "../../src/lib/uuid.ts";
import type { Hint } from "../../src/task/records/hint.ts";
import { BLOCK_MS, type BrokerUnderTest, hint } from "./broker.ts";

const NEVER = new AbortController().signal;

function ofPartition(partition: string, queue = "mail"): Hint {
  return { ...hint(queue), partition };
}

/** What every broker does with the hints of partitions. */
export function partitionContract(name: string, make: () => Promise<BrokerUnderTest>): void {
  describe(`partitions of ${name}`, () => {
    let made: BrokerUnderTest;
    let broker: Broker;
    let consumer: Consumer;
    beforeEach(async () => {
      made = await make();
      broker = made.broker;
      consumer = broker.consumer({ consumer: newId() });
    });
    afterEach(() => made.close());

    /** The partitions of what a fetch brings; unanswered. */
    const fetched = async (max = 10): Promise<Delivery[]> => consumer.fetch(["mail"], max, NEVER);
    const partitionsOf = (deliveries: readonly Delivery[]): (string | undefined)[] =>
      deliveries.map(({ partition }) => partition);
    const sorted = (deliveries: readonly Delivery[]): string[] =>
      deliveries.map(({ partition }) => partition ?? "none").toSorted();
    /** Nothing comes, as far as the next hint that is sent tells. */
    async function expectNothing(): Promise<void> {
      const other = hint("mail");
      await broker.send([other]);
      const got = await fetched();
      expect(got.map(({ taskId }) => taskId)).toEqual([other.taskId]);
      got[0]!.ack();
    }

    test("each partition has one hint, however often it is sent, and none of them counts in the depth", async () => {
      await broker.send([ofPartition("a"), ofPartition("b"), ofPartition("a")]);
      await broker.send([ofPartition("a"), ofPartition("*")]);
      expect(await broker.depth("mail")).toBe(0);
      const got = await fetched();
      expect(sorted(got)).toEqual(["*", "a", "b"]);
      await expectNothing();
      await broker.purge("mail");
      for (const delivery of got) delivery.ack();
    });

    test("a partition that is sent while a consumer reads it is delivered once more", async () => {
      await broker.send([ofPartition("a")]);
      const [first] = await fetched();
      await broker.send([ofPartition("a"), ofPartition("a")]);
      first!.ack();
      const [again] = await fetched();
      expect(again!.partition).toBe("a");
      again!.ack();
      await expectNothing();
      await broker.send([ofPartition("a")]);
      expect(partitionsOf(await fetched())).toEqual(["a"]);
    });

    test("a partition that is requeued comes after its delay, and not sooner when it is sent", async () => {
      await broker.send([ofPartition("a")]);
      const [first] = await fetched();
      const at = performance.now();
      first!.retry(300);
      await expectNothing();
      await broker.send([ofPartition("a")]);
      expect(partitionsOf(await fetched())).toEqual(["a"]);
      expect(performance.now() - at).toBeGreaterThan(290);
    });

    test("a task with its own key wakes its partition", async () => {
      await broker.send([ofPartition("a")]);
      (await fetched())[0]!.retry(60_000);
      await expectNothing();
      await broker.send([{ ...ofPartition("a"), wakes: true }, ofPartition("a")]);
      expect(partitionsOf(await fetched())).toEqual(["a"]);
    });

    test("a partition that is woken while a consumer reads it comes again at once, whatever that consumer finds", async () => {
      await broker.send([ofPartition("a"), ofPartition("b"), ofPartition("c")]);
      const got = await fetched();
      await broker.send([{ ...ofPartition("a"), wakes: true }, ofPartition("c")]);
      broker.wakePartitions("mail", ["b"]);
      // What is sent after it arrives after it.
      await broker.send([]);
      for (const delivery of got) delivery.retry(60_000);
      const partitions = new Set<string | undefined>();
      while (partitions.size < 2) for (const { partition } of await fetched()) partitions.add(partition);
      expect(partitions).toEqual(new Set(["a", "b"]));
      await expectNothing();
    });

    test("a partition that is woken comes at once; others of its queue, and those of others, do not", async () => {
      await broker.send([ofPartition("a"), ofPartition("b"), ofPartition("c", "images")]);
      for (const delivery of await consumer.fetch(["mail", "images"], 10, NEVER)) delivery.retry(60_000);
      // The answers are on their way.
      await vi.waitFor(async () => {
        broker.wakePartitions("mail", ["a", "unknown"]);
        expect(partitionsOf(await fetched())).toEqual(["a"]);
      });
      broker.wakePartitions("mail", "all");
      expect(partitionsOf(await fetched())).toEqual(["b"]);
    });

    test("partitions and hints of tasks are read by turns: a flood of either keeps no other waiting", async () => {
      await broker.send([
        ...Array.from({ length: 20 }, () => hint("mail", "CRITICAL")),
        ofPartition("a"),
        ofPartition("b"),
      ]);
      const first = [...(await fetched(1)), ...(await fetched(1)), ...(await fetched(1))];
      expect(partitionsOf(first).filter((partition) => partition !== undefined)).toHaveLength(2);
      expect(partitionsOf(first)).toContain(undefined);
    });

    test("a consumer that leaves releases its partitions, including those that wait for their delay", async () => {
      await broker.send([ofPartition("a"), ofPartition("b")]);
      const got = await fetched();
      got
        .find(({ partition }) => partition === "a")!
        .retry(made.broker.constructor.name === "MemoryBroker" ? 0 : 60_000);
      await consumer.close();
      consumer = broker.consumer({ consumer: newId() });
      const partitions = new Set<string | undefined>();
      await vi.waitFor(
        async () => {
          for (const { partition } of await fetched()) partitions.add(partition);
          expect(partitions).toEqual(new Set(["a", "b"]));
        },
        { timeout: 2 * BLOCK_MS },
      );
    });
  });
}
