import { expect, test } from "vitest";
import { HintSender, hintOf } from "../../../src/engine/enqueue/hint-sender.ts";
import { Publisher } from "../../../src/engine/events/publisher.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { taskEvent, taskEvents } from "../../support/some-events.ts";

/**
 * What was sent, in its order: numbers of events and of hints. Appends end when they are told to.
 */
function setup() {
  const sent: string[] = [];
  const answer = Promise.withResolvers<void>();
  const stream = {
    append: (events: readonly unknown[]) => {
      sent.push(`${events.length} events`);
      return answer.promise;
    },
    appendLoss: () => {
      sent.push("loss");
      return answer.promise;
    },
  };
  const publisher = new Publisher(stream, silentLogger);
  const broker = { send: async (hints: readonly unknown[]) => void sent.push(`${hints.length} hints`) };
  return { sent, answer, publisher, hints: new HintSender(broker, publisher, silentLogger) };
}
const hint = hintOf(taskEvent().task);

test("no task can start before its events are on their way, even while earlier ones are", async () => {
  const { sent, publisher, hints } = setup();
  publisher.publish(taskEvents(3));
  await new Promise(setImmediate);
  publisher.publish(taskEvents(2));
  await hints.send([hint]);
  expect(sent).toEqual(["3 events", "2 events", "1 hints"]);
});

test("a stop waits for events that went ahead", async () => {
  const { sent, answer, publisher, hints } = setup();
  publisher.publish(taskEvents(1));
  await hints.send([hint]);
  const flushed = publisher.flush().then(() => sent.push("flushed"));
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  expect(sent).toEqual(["1 events", "1 hints"]);
  answer.resolve();
  await flushed;
});

test("concurrent callers share one message of events", async () => {
  const { sent, publisher, hints } = setup();
  const caller = async (): Promise<void> => {
    publisher.publish(taskEvents(1));
    await hints.send([hint]);
  };
  await Promise.all([caller(), caller(), caller()]);
  expect(sent).toEqual(["3 events", "1 hints", "1 hints", "1 hints"]);
});

test("a slow broker has a bounded number of messages to answer, and all are sent in the end", async () => {
  const { sent, answer, publisher, hints } = setup();
  for (let round = 0; round < 50; round += 1) {
    publisher.publish(taskEvents(1));
    await hints.send([hint]);
  }
  await new Promise(setImmediate);
  expect(sent.filter((one) => one.endsWith("events")).length).toBeLessThan(15);
  answer.resolve();
  await publisher.flush();
  const told = sent.filter((one) => one.endsWith("events")).map((one) => Number(one.split(" ")[0]));
  expect(told.reduce((sum, count) => sum + count)).toBe(50);
});

test("a loss is published before later events", async () => {
  const { sent, answer, publisher, hints } = setup();
  answer.resolve();
  publisher.markGap();
  publisher.publish(taskEvents(1));
  await hints.send([hint]);
  await publisher.flush();
  expect(sent.indexOf("loss")).toBeLessThan(sent.indexOf("1 events"));
});
