import type { FeedItem } from "../../../src/engine/events/event-subscription.ts";
import type { EventStream } from "../../../src/events/event-stream.ts";
import type { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import type { LovageEvent, TaskEvent } from "../../../src/task/records/event.ts";
import { taskEvent } from "../../support/some-events.ts";

/** The next so many items. */
export async function take(iterator: AsyncIterator<FeedItem, undefined>, count: number): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  while (items.length < count) {
    const { value, done } = await iterator.next();
    if (done === true) throw new Error(`It ended after ${items.length} of ${count} items.`);
    items.push(value);
  }
  return items;
}

/** What the items tell, in short: the event's version, or the type of another item. */
export function brief(items: readonly FeedItem[]): (number | string)[] {
  return items.map((item) => {
    if (item.type === "event") return briefEvent(item.event);
    return item.type === "lag" ? `lag ${item.skipped}` : item.type;
  });
}

function briefEvent(event: LovageEvent): number | string {
  if (event.kind === "task") return event.task.version;
  return event.kind === "control" ? event.entry.action : event.type;
}

/** Events of one task, one for each of the versions. */
export function versions(id: string, ...of: number[]): TaskEvent[] {
  return of.map((version) => taskEvent({ id, version }));
}

/** The stream's methods as plain functions. */
export function bound(of: MemoryEventStream): EventStream {
  return {
    connect: () => of.connect(),
    append: (events: readonly LovageEvent[]) => of.append(events),
    appendLoss: () => of.appendLoss(),
    readAfter: (after, limit) => of.readAfter(after, limit),
    readUpTo: (cursor, limit) => of.readUpTo(cursor, limit),
    head: () => of.head(),
    compareCursors: (a, b) => of.compareCursors(a, b),
    tail: (onEvents) => of.tail(onEvents),
    close: () => of.close(),
  };
}
