import { expect, test } from "vitest";
import { EventFeed } from "../../../src/engine/events/event-feed.ts";
import type { FeedItem } from "../../../src/engine/events/event-subscription.ts";
import { Publisher } from "../../../src/engine/events/publisher.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { taskEvents, workerEvent } from "../../support/some-events.ts";

/**
 * A stream that can be made to hang, one subscriber to it, and what that has heard: events as
 * numbers of them.
 */
async function setup() {
  const stream = new MemoryEventStream();
  let gate = Promise.resolve();
  const slow = {
    append: async (events: Parameters<MemoryEventStream["append"]>[0]) => {
      await gate;
      await stream.append(events);
    },
    appendLoss: () => stream.appendLoss(),
  };
  const feed = new EventFeed({ stream, clock: systemClock, log: silentLogger });
  await feed.start();
  const heard: (number | FeedItem["type"])[] = [];
  const subscription = feed.subscribe({ accept: () => true, capacity: 200_000 });
  const listening = (async () => {
    for await (const item of subscription) {
      const { type } = item;
      if (type === "event" && item.event.kind === "worker") break;
      const last = heard.at(-1);
      if (type === "event" && typeof last === "number") heard[heard.length - 1] = last + 1;
      else heard.push(type === "event" ? 1 : type);
    }
  })();
  return {
    publisher: new Publisher(slow, silentLogger),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    heard: async () => {
      await stream.append([workerEvent()]);
      await listening;
      await feed.stop();
      return heard;
    },
  };
}

test("when there are more events than fit, subscribers are notified once of all lost ones, and receive later ones", async () => {
  const { publisher, hold, heard } = await setup();
  const release = hold();
  publisher.publish(taskEvents(20_001));
  await new Promise(setImmediate);
  for (let batch = 0; batch < 100; batch += 1) publisher.publish(taskEvents(100));
  expect(publisher.dropped).toBeGreaterThan(9_000);
  release();
  await publisher.flush();
  publisher.publish(taskEvents(7));
  await publisher.flush();
  const all = await heard();
  expect(all.filter((item) => item === "reset")).toHaveLength(1);
  expect(all.at(-1)).toBeGreaterThanOrEqual(7);
});

test("a burst of any size is sent whole", async () => {
  const { publisher, heard } = await setup();
  publisher.publish(taskEvents(50_000));
  await publisher.flush();
  expect(publisher.dropped).toBe(0);
  expect(await heard()).toEqual([50_000]);
});

test("a loss in another process is published, too, before later events", async () => {
  const { publisher, heard } = await setup();
  publisher.markGap();
  publisher.publish(taskEvents(3));
  await publisher.flush();
  expect(await heard()).toEqual(["reset", 3]);
});

test("a stream that is away blocks no caller, and is tried again with the next events", async () => {
  let appends = 0;
  const away = async (): Promise<never> => {
    appends += 1;
    throw new UnavailableError("broker");
  };
  const publisher = new Publisher({ append: away, appendLoss: away }, silentLogger);
  publisher.publish(taskEvents(1_200));
  publisher.markGap();
  await publisher.flush();
  publisher.publish(taskEvents(1));
  await publisher.flush();
  expect(publisher.dropped).toBe(1_201);
  expect(appends).toBe(5);
});
