import { newId } from "../../src/lib/uuid.ts";
import type { NewTask } from "../../src/store/tasks/task-store.ts";
import type { WorkerRecord } from "../../src/task/records/worker.ts";

/** A row to insert, with what the test cares about. */
export function newTask(part: Partial<NewTask> = {}): NewTask {
  return {
    id: newId(),
    name: "test.task",
    queue: "default",
    priority: "NORMAL",
    input: { x: 1 },
    maxAttempts: 3,
    runAt: null,
    delayMs: null,
    expiresInMs: null,
    timeLimitMs: null,
    uniqueKey: null,
    idempotencyKey: null,
    tags: [],
    meta: null,
    parentId: null,
    retryOf: null,
    createdBy: null,
    ...part,
  };
}

export function newWorker(part: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    id: newId(),
    name: "worker@test",
    hostname: "test",
    pid: 1,
    version: "0.0.0",
    status: "ONLINE",
    startedAt: new Date(),
    lastHeartbeatAt: new Date(),
    queues: ["default"],
    definitions: ["test.task"],
    pool: "async",
    concurrency: 4,
    busy: 0,
    autoscale: null,
    processed: 0,
    succeeded: 0,
    failed: 0,
    retried: 0,
    load: { cpuPercent: 0, memoryBytes: 0, eventLoopLagMs: 0, loadAverage: [0, 0, 0] },
    ...part,
  };
}
