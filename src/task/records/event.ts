import type { ControlEntry } from "./control.ts";
import type { TaskEmission } from "../call/emission.ts";
import type { ScheduleEventType, ScheduleSummary } from "../schedule/schedule.ts";
import type { TaskSummary } from "./task.ts";
import type { WorkerRecord } from "./worker.ts";

export const TASK_EVENT_TYPES = [
  "ENQUEUED",
  "QUEUED",
  "STARTED",
  "PROGRESS",
  "EMITTED",
  "RETRYING",
  "SUCCEEDED",
  "FAILED",
  "REVOKED",
  "EXPIRED",
  "GIVEN_BACK",
] as const;
export type TaskEventType = (typeof TASK_EVENT_TYPES)[number];

/** A committed event of a task, or an emitted one. The summary is the task after the event. */
export interface TaskEvent {
  readonly kind: "task";
  readonly type: TaskEventType;
  readonly at: Date;
  readonly task: TaskSummary;
  /** The emission of an EMITTED event. */
  readonly emitted?: TaskEmission;
}

export const WORKER_EVENT_TYPES = ["ONLINE", "HEARTBEAT", "DRAINING", "PAUSED", "LOST", "OFFLINE"] as const;
export type WorkerEventType = (typeof WORKER_EVENT_TYPES)[number];

export interface WorkerEvent {
  readonly kind: "worker";
  readonly type: WorkerEventType;
  readonly at: Date;
  readonly worker: WorkerRecord;
}

/**
 * A committed event of a schedule. The schedule is as it was after the event; a deleted one as it
 * was before.
 */
export interface ScheduleEvent {
  readonly kind: "schedule";
  readonly type: ScheduleEventType;
  readonly at: Date;
  readonly schedule: ScheduleSummary;
}

/** A committed command to workers or to a task definition. */
export interface ControlEvent {
  readonly kind: "control";
  readonly entry: ControlEntry;
}

export type LovageEvent = TaskEvent | WorkerEvent | ScheduleEvent | ControlEvent;

/**
 * Returns the event type for the current state of a task: for the first message of a subscription.
 */
export function eventTypeOf(task: Pick<TaskSummary, "state">): TaskEventType {
  switch (task.state) {
    case "PENDING":
    case "SCHEDULED":
      return "ENQUEUED";
    case "RETRY":
      return "RETRYING";
    case "SUCCESS":
      return "SUCCEEDED";
    case "FAILURE":
      return "FAILED";
    default:
      return task.state;
  }
}
