import { expect, test } from "vitest";

import { QueueTrials, type TriedQueue } from "../../../src/broker/redis/queue-trials.ts";

class FakeQueue implements TriedQueue {
  failures = 0;
  restMs = 0;

  get healthy(): boolean {
    return this.failures === 0;
  }

  failed(): void {
    this.failures += 1;
    this.restMs = 10;
  }
}

const works = async (): Promise<void> => undefined;
const fails = async (): Promise<void> => Promise.reject(new Error("away"));
const never = (): Promise<void> => new Promise(() => undefined);

function setup() {
  const [one, two] = [new FakeQueue(), new FakeQueue()];
  return { one, two, trials: new QueueTrials([one, two]) };
}

test("a queue that fails is skipped, logged, and tried again after its pause", async () => {
  const { one, two, trials } = setup();
  expect(trials.first()).toEqual([one, two]);
  expect(await trials.each([one, two], (queue) => (queue === one ? fails() : works()))).toEqual([two]);
  expect(trials.someFailure).toMatchObject({ message: "away" });
  expect(trials.due()).toEqual([]);
  await trials.race((queue) => (queue === one ? Promise.reject(new Error("waited at")) : never()), 1_000);
  one.restMs = 0;
  expect(trials.due()).toEqual([one]);
  await trials.one(one, works, undefined);
  expect(trials.someFailure).toBeNull();
});

test("the next fetch starts with healthy queues, or with all when none is", async () => {
  const { one, two } = setup();
  one.failed();
  expect(new QueueTrials([one, two]).first()).toEqual([two]);
  two.failed();
  expect(new QueueTrials([one, two]).first()).toEqual([one, two]);
});

test("a queue that is being tried is not tried a second time meanwhile", () => {
  const { one, two, trials } = setup();
  void trials.one(one, never, undefined);
  expect(trials.due()).toEqual([two]);
});

test("when the last open queue fails, its failure is thrown", async () => {
  const { one, two, trials } = setup();
  await trials.each([one, two], (queue) => (queue === one ? fails() : works()));
  await trials.race(() => Promise.reject(new Error("away, too")), 1_000);
  await expect(trials.race(never, 1_000)).rejects.toThrow("away, too");
});

test("without any queue a wait lasts its whole time", async () => {
  const startedAt = performance.now();
  await new QueueTrials([]).race(never, 30);
  expect(performance.now() - startedAt).toBeGreaterThan(25);
});
