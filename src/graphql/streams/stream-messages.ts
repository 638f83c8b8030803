import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { LogItem } from "../../engine/logs/log-subscription.ts";
import type { Cursor } from "../../events/event-stream.ts";
import type { ControlEntry } from "../../task/records/control.ts";
import type { TaskEmission } from "../../task/call/emission.ts";
import type { TaskEventType, WorkerEventType } from "../../task/records/event.ts";
import type { ScheduleEventType, ScheduleRecord, ScheduleSummary } from "../../task/schedule/schedule.ts";
import type { WorkerRecord } from "../../task/records/worker.ts";
import type { ApiServices } from "../context.ts";
import { toGraphqlError } from "../errors.ts";
import type { TaskSource } from "../tasks/task-view.ts";

/** A message about an event of the feed. */
export interface Update {
  /**
   * The event, if any. Subscribers with the same event share one payload, which is then built once.
   */
  readonly event?: object;
}

export interface MergeableUpdate extends Update {
  /** Number of earlier events that it replaces. */
  readonly merged: number;
}

/** Members of the stream unions. `__typename` selects the GraphQL type. */
export interface TaskUpdate extends MergeableUpdate {
  readonly __typename: "TaskUpdate";
  readonly cursor: Cursor;
  readonly at: Date;
  readonly type: TaskEventType;
  readonly task: TaskSource;
  /** @default none */
  readonly emitted?: TaskEmission | undefined;
}

export interface WorkerUpdate extends MergeableUpdate {
  readonly __typename: "WorkerUpdate";
  readonly cursor: Cursor;
  readonly type: WorkerEventType;
  readonly worker: WorkerRecord;
}

export interface ScheduleUpdate extends MergeableUpdate {
  readonly __typename: "ScheduleUpdate";
  readonly cursor: Cursor;
  readonly at: Date;
  readonly type: ScheduleEventType;
  readonly schedule: ScheduleRecord | ScheduleSummary;
}

interface ControlUpdate extends Update {
  readonly __typename: "ControlUpdate";
  readonly cursor: Cursor;
  readonly entry: ControlEntry;
}

export type StreamNotice =
  | { readonly __typename: "StreamLag"; readonly cursor: Cursor; readonly skipped: number }
  | { readonly __typename: "StreamReset"; readonly cursor: Cursor; readonly reason: string }
  | { readonly __typename: "StreamHeartbeat"; readonly cursor: Cursor; readonly at: Date };

export type TaskMessage = TaskUpdate | StreamNotice;
export type WorkerMessage = WorkerUpdate | StreamNotice;
export type ScheduleMessage = ScheduleUpdate | StreamNotice;
export type ControlMessage = ControlUpdate | StreamNotice;

export type NoticeItem = Exclude<FeedItem | LogItem, { readonly type: "event" | "lines" }>;

/** Converts a notice of the feed about itself. */
export function toNotice(item: NoticeItem): StreamNotice {
  switch (item.type) {
    case "lag":
      return { __typename: "StreamLag", cursor: item.cursor, skipped: item.skipped };
    case "reset":
      return { __typename: "StreamReset", cursor: item.cursor, reason: item.reason };
    case "heartbeat":
      return { __typename: "StreamHeartbeat", cursor: item.cursor, at: item.at };
  }
}

/**
 * Subscribes to the feed.
 *
 * @throws GraphQLError (BAD_CURSOR) for a cursor that cannot be read
 */
export function openFeed(
  feed: ApiServices["feed"],
  options: Parameters<ApiServices["feed"]["subscribe"]>[0],
): AsyncIterator<FeedItem> {
  try {
    return feed.subscribe(options);
  } catch (error) {
    throw toGraphqlError(error);
  }
}
