import { expect, test } from "vitest";
import {
  type ListChange,
  type ListItem,
  ListSubscription,
} from "../../../src/engine/lists/list-subscription.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { newId } from "../../../src/lib/uuid.ts";
import type { Delivery } from "../../../src/engine/events/event-subscription.ts";
import { taskEvent } from "../../support/some-events.ts";

function open(delivery: Delivery): ListSubscription {
  const snapshot = () => ({ cursor: "1", tasks: [], hasMore: false });
  return new ListSubscription({ clock: systemClock, snapshot, onEnd: () => undefined }, delivery);
}

function change(type: ListChange["type"], id: string, version = 1): ListChange {
  return { type, cursor: String(version), task: taskEvent({ id, version }).task };
}

function brief(item: ListItem | undefined): unknown {
  if (item?.type === "change") return [item.change.type, item.change.task.version, item.merged];
  return item?.type === "lag" ? `lag ${item.skipped}` : item?.type;
}

test.each<[ListChange["type"][], unknown[]]>([
  [
    ["INSERTED", "UPDATED"],
    ["INSERTED", 2, 1],
  ],
  [
    ["UPDATED", "UPDATED", "UPDATED"],
    ["UPDATED", 3, 2],
  ],
  [
    ["UPDATED", "REMOVED"],
    ["REMOVED", 2, 1],
  ],
  [
    ["REMOVED", "INSERTED"],
    ["UPDATED", 2, 1],
  ],
  [
    ["INSERTED", "REMOVED", "INSERTED"],
    ["INSERTED", 3, 2],
  ],
])("with LATEST, %j of a task that waits is one change", async (types, expected) => {
  const subscription = open({ mode: "LATEST" });
  await subscription.next();
  const id = newId();
  for (const [index, type] of types.entries()) subscription.offer(change(type, id, index + 1));
  const { value } = await subscription.next();
  expect(brief(value)).toEqual(expected);
});

test("changes that cancel each other out are counted in the next message", async () => {
  const subscription = open({ mode: "LATEST" });
  await subscription.next();
  const [here, gone] = [newId(), newId()];
  for (const type of ["INSERTED", "UPDATED", "REMOVED"] as const) subscription.offer(change(type, gone));
  subscription.offer(change("INSERTED", here));
  expect(brief((await subscription.next()).value)).toEqual(["INSERTED", 1, 3]);
});

test("with ALL each change is sent; a reader that is too slow receives the number, then the list", async () => {
  const subscription = open({ mode: "ALL" });
  await subscription.next();
  const id = newId();
  for (let version = 1; version <= 500; version += 1) subscription.offer(change("UPDATED", id, version));
  for (let version = 1; version <= 500; version += 1)
    expect(brief((await subscription.next()).value)).toEqual(["UPDATED", version, 0]);
  for (let version = 1; version <= 700; version += 1) subscription.offer(change("UPDATED", id, version));
  expect(brief((await subscription.next()).value)).toBe("lag 501");
  expect(brief((await subscription.next()).value)).toBe("snapshot");
  subscription.offer(change("REMOVED", id, 9));
  expect(brief((await subscription.next()).value)).toEqual(["REMOVED", 9, 0]);
});
