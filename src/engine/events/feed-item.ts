import type { Cursor, StreamedEvent } from "../../events/event-stream.ts";
import type { LovageEvent } from "../../task/records/event.ts";

export type FeedItem =
  | { readonly type: "event"; readonly cursor: Cursor; readonly event: LovageEvent }
  /** The reader was too slow: so many events before the next one were merged into later ones of their task, or dropped. */
  | { readonly type: "lag"; readonly cursor: Cursor; readonly skipped: number }
  /** Events are missing: read the state again; what follows goes on from this cursor. */
  | { readonly type: "reset"; readonly cursor: Cursor; readonly reason: string }
  /** Nothing else was to be said for a while, or yet. All up to this cursor is known. */
  | { readonly type: "heartbeat"; readonly cursor: Cursor; readonly at: Date };

export interface SubscribeOptions {
  /** Which events are wanted. Called once per event; a throw ends the subscription with that error. */
  readonly accept: (event: LovageEvent) => boolean;
  /** Only events of these tasks and workers, by id. Much cheaper than the same by `accept` when there are many subscribers. @default all */
  readonly ids?: readonly string[];
  /** Events after this cursor are replayed first. @default the newest one at the time of `subscribe` */
  readonly after?: Cursor;
  /** A heartbeat right at the start, where nothing else is to be said yet: so that there is a cursor to come back with. @default false */
  readonly greet?: boolean;
  /** Events that may wait for a slow reader. @default 1_000 */
  readonly capacity?: number;
  /** Events per second, on average over a second. Above it, waiting events of one task are merged: the newest stays. @default no limit */
  readonly maxRate?: number;
}

/** Events with the same key may be merged into the newest of them: not what a task emits, each of which says something else. */
export function mergeKeyOf({ cursor, event }: StreamedEvent): string {
  return event.kind === "task" && event.type === "EMITTED" ? cursor : subjectOf(event);
}

/** What an event is about: the id of its task, worker or schedule. */
export function subjectOf(event: LovageEvent): string {
  switch (event.kind) {
    case "task":
      return event.task.id;
    case "worker":
      return event.worker.id;
    case "schedule":
      return event.schedule.id;
    case "control":
      return `control ${event.entry.id}`;
  }
}
