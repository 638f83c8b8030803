import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Broker, Consumer, Delivery } from "../../src/broker/broker.ts";
import { STARVATION_BOUND } from "../../src/broker/reading-order.ts";
import { newId } from "../../src/lib/uuid.ts";
import type { Hint } from "../../src/task/records/hint.ts";
import { PRIORITIES, type Priority } from "../../src/task/definition/priority.ts";

export interface BrokerUnderTest {
  /** Connected and empty. Its fetches wait for `BLOCK_MS`. */
  readonly broker: Broker;
  close(): Promise<void>;
}

export const BLOCK_MS = 2_000;
const NEVER = new AbortController().signal;

export function hint(queue: string, priority: Priority = "NORMAL"): Hint {
  return { taskId: newId(), queue, priority };
}

/**
 * Time for a fetch to wait in the broker. No port shows it: on a slow machine the case is an easier
 * one, and no failure.
 */
const untilItWaits = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

/** Fetches and acks until so many hints came. */
export async function fetchAll(
  consumer: Consumer,
  queues: readonly string[],
  count: number,
): Promise<Delivery[]> {
  const all: Delivery[] = [];
  while (all.length < count) {
    const some = await consumer.fetch(queues, 100, NEVER);
    if (some.length === 0) throw new Error(`Only ${all.length} of ${count} hints came.`);
    for (const delivery of some) delivery.ack();
    all.push(...some);
  }
  return all;
}

const idsOf = (hints: readonly Hint[]): string[] => hints.map(({ taskId }) => taskId);

/** What every broker does, whatever it is made of. */
export function brokerContract(name: string, make: () => Promise<BrokerUnderTest>): void {
  describe(`${name} as a broker`, () => {
    let broker: Broker;
    let close: () => Promise<void>;
    let consumer: Consumer;

    beforeEach(async () => {
      const made = await make();
      broker = made.broker;
      close = () => made.close();
      consumer = broker.consumer({ consumer: newId() });
    });
    afterEach(() => close());

    test("delivers hints as they were sent, higher priorities first", async () => {
      const hints = PRIORITIES.map((priority) => hint("mail", priority));
      await broker.send(hints);
      const deliveries = await consumer.fetch(["mail"], 10, NEVER);
      expect(deliveries).toMatchObject(hints.toReversed().map((sent) => ({ ...sent, bounces: 0 })));
    });

    test("never delivers more than was asked for, and forgets nothing of the rest", async () => {
      const hints = PRIORITIES.flatMap((priority) => [hint("mail", priority), hint("mail", priority)]);
      await broker.send(hints);
      const got: string[] = [];
      while (got.length < hints.length) {
        const some = await consumer.fetch(["mail"], 3, NEVER);
        expect(some.length).toBeLessThanOrEqual(3);
        got.push(...idsOf(some));
      }
      expect(got.toSorted()).toEqual(idsOf(hints).toSorted());
    });

    test("acknowledged hints are removed, one or many at a time, and hints of other consumers stay", async () => {
      const hints = Array.from({ length: 300 }, () => hint("mail"));
      await broker.send(hints);
      const [slow, quick] = [broker.consumer({ consumer: newId() }), consumer];
      const early = await slow.fetch(["mail"], 7, NEVER);
      const many = await quick.fetch(["mail"], 120, NEVER);
      const later = await slow.fetch(["mail"], 5, NEVER);
      const most = await quick.fetch(["mail"], 150, NEVER);
      for (const delivery of [...most, ...many]) delivery.ack();
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(300 - 120 - 150));
      for (const delivery of early) delivery.ack();
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(300 - 120 - 150 - 7));
      // A consumer that leaves hands over just what it had; the rest was never given to anyone.
      await slow.close();
      const left = idsOf(await fetchAll(quick, ["mail"], 23));
      const gone = new Set(idsOf([...early, ...many, ...most]));
      expect(left.toSorted()).toEqual(idsOf(hints.filter(({ taskId }) => !gone.has(taskId))).toSorted());
      expect(left).toEqual(expect.arrayContaining(idsOf(later)));
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    });

    test("an endless flow of CRITICAL hints does not delay lower priorities forever", async () => {
      const waiting = [hint("mail", "LOW"), hint("mail", "NORMAL"), hint("mail", "HIGH")];
      await broker.send(waiting);
      const got = new Set<string>();
      for (let fetches = 0; fetches < STARVATION_BOUND; fetches += 1) {
        await broker.send([hint("mail", "CRITICAL"), hint("mail", "CRITICAL")]);
        for (const delivery of await consumer.fetch(["mail"], 1, NEVER)) got.add(delivery.taskId);
      }
      for (const { taskId, priority } of waiting) expect(got, priority).toContain(taskId);
      expect(got.size).toBe(STARVATION_BOUND);
    });

    test("a flood in one queue does not keep another one waiting", async () => {
      await broker.send(Array.from({ length: 50 }, () => hint("flood", "CRITICAL")));
      const lonely = hint("quiet", "LOW");
      await broker.send([lonely]);
      const got: string[] = [];
      for (let fetches = 0; fetches < 2 * STARVATION_BOUND; fetches += 1) {
        got.push(...idsOf(await consumer.fetch(["flood", "quiet"], 1, NEVER)));
      }
      expect(got).toContain(lonely.taskId);
      expect(got).toHaveLength(2 * STARVATION_BOUND);
    });

    test("an acked hint is gone, one that was only delivered still counts", async () => {
      await broker.send([hint("mail"), hint("mail")]);
      expect(await broker.depth("mail")).toBe(2);
      const [first, second] = await consumer.fetch(["mail"], 2, NEVER);
      expect(await broker.depth("mail")).toBe(2);
      first!.ack();
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(1));
      second!.ack();
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    });

    test("a requeued hint comes again after the delay, with one more bounce", async () => {
      const sent = hint("mail", "HIGH");
      await broker.send([sent]);
      const [first] = await consumer.fetch(["mail"], 1, NEVER);
      const askedAt = performance.now();
      first!.retry(150);
      const [second] = await consumer.fetch(["mail"], 1, NEVER);
      expect(performance.now() - askedAt).toBeGreaterThan(140);
      expect(second).toMatchObject({ ...sent, bounces: 1 });
      second!.retry(0);
      const [third] = await consumer.fetch(["mail"], 1, NEVER);
      expect(third).toMatchObject({ ...sent, bounces: 2 });
      third!.ack();
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    });

    test("only the first answer counts", async () => {
      await broker.send([hint("mail"), hint("mail")]);
      const [acked, handedBack] = await consumer.fetch(["mail"], 2, NEVER);
      acked!.ack();
      acked!.retry(0);
      handedBack!.retry(0);
      handedBack!.ack();
      handedBack!.retry(0);
      const again = await consumer.fetch(["mail"], 10, NEVER);
      expect(idsOf(again)).toEqual([handedBack!.taskId]);
      expect(await broker.depth("mail")).toBe(1);
    });

    test("of several consumers each hint goes to one", async () => {
      const hints = Array.from({ length: 60 }, () => hint("mail"));
      const others = [
        consumer,
        broker.consumer({ consumer: newId() }),
        broker.consumer({ consumer: newId() }),
      ];
      const startedAt = performance.now();
      const fetches = others.map((one) => one.fetch(["mail"], 5, NEVER));
      await broker.send(hints);
      const got = (await Promise.all(fetches)).flat();
      while (got.length < hints.length) {
        for (const one of others) {
          const left = hints.length - got.length;
          if (left > 0) got.push(...(await one.fetch(["mail"], Math.min(5, left), NEVER)));
        }
      }
      expect(idsOf(got).toSorted()).toEqual(idsOf(hints).toSorted());
      expect(performance.now() - startedAt).toBeLessThan(BLOCK_MS / 2);
    });

    test("a consumer that waits gets a hint at once, whichever of its queues it comes to", async () => {
      for (const queue of ["mail", "images", "mail"]) {
        const fetched = consumer.fetch(["mail", "images"], 10, NEVER);
        await untilItWaits();
        const sentAt = performance.now();
        const sent = hint(queue);
        await broker.send([sent]);
        expect(idsOf(await fetched)).toEqual([sent.taskId]);
        expect(performance.now() - sentAt).toBeLessThan(BLOCK_MS / 4);
      }
    });

    test("a hint that arrives in a worker's own queue between two fetches is in the next fetch, or soon goes to another worker", async () => {
      const queues = ["mail", "@me"];
      // Ends a wait at both by what comes to the first.
      const waitOnce = async (): Promise<void> => {
        const [mail, waiting] = [hint("mail"), consumer.fetch(queues, 10, NEVER)];
        await untilItWaits();
        await broker.send([mail]);
        const got = await waiting;
        expect(idsOf(got)).toEqual([mail.taskId]);
        for (const delivery of got) delivery.ack();
      };
      for (let round = 0; round < 3; round += 1) {
        await waitOnce();
        const own = hint("@me");
        await broker.send([own]);
        expect(idsOf(await fetchAll(consumer, queues, 1))).toEqual([own.taskId]);
      }
      await waitOnce();
      const unheard = hint("@me");
      await broker.send([unheard]);
      const namesake = broker.consumer({ consumer: newId() });
      expect(idsOf(await fetchAll(namesake, ["@me"], 1))).toEqual([unheard.taskId]);
    });

    test("a fetch returns with nothing after the block time, also without any queue", async () => {
      const startedAt = performance.now();
      const other = broker.consumer({ consumer: newId() });
      const fetched = await Promise.all([consumer.fetch(["mail"], 1, NEVER), other.fetch([], 1, NEVER)]);
      expect(fetched).toEqual([[], []]);
      expect(performance.now() - startedAt).toBeGreaterThan(BLOCK_MS * 0.9);
      expect(performance.now() - startedAt).toBeLessThan(BLOCK_MS * 1.5);
    });

    test("an aborted fetch returns at once and takes nothing away", async () => {
      const abort = new AbortController();
      const fetched = consumer.fetch(["mail", "images"], 1, abort.signal);
      await untilItWaits();
      const abortedAt = performance.now();
      abort.abort();
      const sent = [hint("mail"), hint("images")];
      const sending = broker.send(sent);
      expect(await fetched).toEqual([]);
      expect(performance.now() - abortedAt).toBeLessThan(BLOCK_MS / 4);
      expect(await consumer.fetch(["mail"], 1, abort.signal)).toEqual([]);
      await sending;
      const other = broker.consumer({ consumer: newId() });
      const got = await fetchAll(other, ["mail", "images"], 2);
      expect(idsOf(got).toSorted()).toEqual(idsOf(sent).toSorted());
    });

    test("a purge removes undelivered hints, in that queue only", async () => {
      await broker.send(PRIORITIES.flatMap((priority) => [hint("mail", priority), hint("images", priority)]));
      const [delivered] = await consumer.fetch(["mail"], 1, NEVER);
      await broker.purge("mail");
      expect(await broker.depth("mail")).toBe(1);
      expect(await broker.depth("images")).toBe(4);
      delivered!.retry(0);
      expect(idsOf(await consumer.fetch(["mail"], 10, NEVER))).toEqual([delivered!.taskId]);
      await broker.purge("never-used");
    });

    test("a consumer that leaves releases its unanswered hints at once", async () => {
      const sent = [hint("mail", "HIGH"), hint("mail", "LOW")];
      await broker.send(sent);
      const [, later] = await consumer.fetch(["mail"], 2, NEVER);
      later!.retry(60_000);
      await Promise.all([consumer.close(), consumer.close()]);
      expect(await consumer.fetch(["mail"], 2, NEVER)).toEqual([]);
      const got = await fetchAll(broker.consumer({ consumer: newId() }), ["mail"], 2);
      expect(idsOf(got).toSorted()).toEqual(idsOf(sent).toSorted());
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    });

    test("a new broker has no mark, and keeps the one it gets", async () => {
      expect(await broker.epoch()).toBeNull();
      await broker.setEpoch("one");
      expect(await broker.epoch()).toBe("one");
    });

    test("large amounts arrive whole", async () => {
      const hints = Array.from({ length: 20_000 }, () => hint("mail"));
      await broker.send(hints);
      const got = await fetchAll(consumer, ["mail"], hints.length);
      expect(new Set(idsOf(got)).size).toBe(hints.length);
      await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    });
  });
}
