import { afterAll, beforeAll, expect, test } from "vitest";
import { makeHandle } from "../../../src/app/handle.ts";
import { Results } from "../../../src/engine/outcome/results.ts";
import { EventFeed } from "../../../src/engine/events/event-feed.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

let parts: EngineParts;
let feed: EventFeed;
const stream = new MemoryEventStream();
beforeAll(async () => {
  parts = await openEngineParts();
  feed = new EventFeed({ stream, clock: systemClock, log: silentLogger });
  await feed.start();
});
afterAll(async () => {
  await feed.stop();
  await parts[Symbol.asyncDispose]();
});

const handleOf = (
  id: string,
  open: () => Promise<EventFeed> = async () => feed,
  reader: Pick<EngineParts["stores"]["reader"], "byIds"> = parts.stores.reader,
) =>
  makeHandle<unknown>(
    {
      reader,
      results: new Results(null, silentLogger),
      logs: parts.stores.logs,
      logFeed: { subscribe: () => Promise.reject(new Error("unused")) },
      taskControl: { revoke: () => Promise.reject(new Error("unused")) },
      feed: open,
    },
    { id, deduplicated: false, inTransaction: false },
  );
async function running() {
  const worker = await parts.register();
  const [task] = await parts.claim(worker, [await parts.insert()]);
  const succeed = () => parts.stores.tasks.finish([outcomeOf(task!, { kind: "succeeded", output: "done" })]);
  return { id: task!.summary.id, succeed };
}

test("events of a finished task end too, and so do those whose last event was lost", async () => {
  const { id, succeed } = await running();
  const events = handleOf(id).events();
  const ended = events.next();
  await succeed(); // And nobody tells.
  expect(await ended).toEqual({ done: true, value: undefined });
  expect(await handleOf(id).events().next()).toEqual({ done: true, value: undefined });
});

test("a result needs the database only", async () => {
  const { id, succeed } = await running();
  const result = handleOf(id, () => Promise.reject(new UnavailableError("broker"))).result({
    timeout: "10s",
  });
  await succeed();
  expect(await result).toBe("done");
});

test("an event that is on its way while the row already shows the end is not lost", async () => {
  const { id, succeed } = await running();
  let told = false;
  const reader = {
    byIds: async (ids: readonly string[]) => {
      if (!told) await succeed();
      const tasks = await parts.stores.reader.byIds(ids);
      // The row is read first, and the event comes after it.
      if (!told) await stream.append([{ kind: "task", type: "SUCCEEDED", at: new Date(), task: tasks[0]! }]);
      told = true;
      return tasks;
    },
  };
  const types: string[] = [];
  for await (const { type } of handleOf(id, async () => feed, reader).events()) types.push(type);
  expect(types).toEqual(["SUCCEEDED"]);
});
