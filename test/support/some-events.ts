import { newId } from "../../src/lib/uuid.ts";
import type { ControlEvent, TaskEvent, WorkerEvent } from "../../src/task/records/event.ts";
import type { TaskSummary } from "../../src/task/records/task.ts";

const START = new Date("2026-05-01T10:00:00.123Z");

/** An event of a task that was just begun, but for what is named. */
export function taskEvent(task: Partial<TaskSummary> = {}, type: TaskEvent["type"] = "STARTED"): TaskEvent {
  return {
    kind: "task",
    type,
    at: START,
    task: {
      id: newId(),
      name: "mail.send",
      queue: "mail",
      priority: "NORMAL",
      state: "STARTED",
      attempt: 1,
      maxAttempts: 5,
      crashCount: 0,
      workerId: newId(),
      workerName: "worker@host",
      tags: [],
      progress: null,
      createdAt: START,
      queuedAt: START,
      startedAt: START,
      finishedAt: null,
      runAt: null,
      scheduleId: null,
      version: 2,
      ...task,
    },
  };
}

/** Events of so many tasks, each of another one. */
export function taskEvents(count: number): TaskEvent[] {
  return Array.from({ length: count }, () => taskEvent());
}

export function workerEvent(type: WorkerEvent["type"] = "HEARTBEAT"): WorkerEvent {
  return {
    kind: "worker",
    type,
    at: START,
    worker: {
      id: newId(),
      name: "worker@host",
      hostname: "host",
      pid: 4_711,
      version: "0.1.0",
      status: "ONLINE",
      startedAt: START,
      lastHeartbeatAt: START,
      queues: ["mail", "default"],
      definitions: ["mail.send"],
      pool: "async",
      concurrency: 8,
      busy: 3,
      autoscale: { min: 2, max: 8 },
      load: { cpuPercent: 12.5, memoryBytes: 123_456_789, eventLoopLagMs: 1.5, loadAverage: [0.1, 0.2, 0.3] },
      processed: 10,
      succeeded: 7,
      failed: 2,
      retried: 1,
    },
  };
}

export function controlEvent(id = 7): ControlEvent {
  return {
    kind: "control",
    entry: {
      id,
      at: START,
      actor: "ada",
      action: "RESIZE_WORKER_POOL",
      changes: [{ target: "worker@host", before: {}, after: { concurrency: 8 } }],
    },
  };
}
