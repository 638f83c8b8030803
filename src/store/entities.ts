import { defineEntity, p } from "@mikro-orm/postgresql";
import type { Json, JsonObject } from "../lib/json.ts";
import type { TaskState } from "../task/state.ts";
import type { TaskError, TaskProgress } from "../task/task.ts";
import type { WorkerLoad, WorkerStatus } from "../task/worker.ts";
import type { RawAttempt } from "./rows.ts";

/** All tables live in a schema of their own, so that they never meet the user's. */
export const SCHEMA = "lovage";

/** A moment; column type with microseconds. */
const time = () => p.datetime().columnType("timestamptz");

export const TaskEntity = defineEntity({
  name: "Task",
  tableName: "task",
  schema: SCHEMA,
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    queue: p.text(),
    priority: p.smallint(),
    state: p.text().$type<TaskState>(),
    attempt: p.integer().default(0),
    maxAttempts: p.integer(),
    crashCount: p.integer().default(0),
    version: p.integer().default(1),
    input: p.json().$type<Json>().nullable(),
    output: p.json().$type<Json>().nullable(),
    error: p.json().$type<TaskError>().nullable(),
    progress: p.json().$type<Omit<TaskProgress, "updatedAt"> & { readonly updatedAt: string }>().nullable(),
    attempts: p.json().$type<readonly RawAttempt[]>().nullable(),
    workerId: p.uuid().nullable(),
    workerName: p.text().nullable(),
    tags: p.array().nullable(),
    meta: p.json().$type<JsonObject>().nullable(),
    createdAt: time(),
    queuedAt: time().nullable(),
    startedAt: time().nullable(),
    finishedAt: time().nullable(),
    runAt: time().nullable(),
    expiresAt: time().nullable(),
    cancelRequestedAt: time().nullable(),
    keepUntil: time().nullable(),
    timeLimitMs: p.integer().nullable(),
    uniqueKey: p.text().nullable(),
    idempotencyKey: p.text().nullable(),
    parentId: p.uuid().nullable(),
    retryOf: p.uuid().nullable(),
    createdBy: p.text().nullable(),
  },
});

const WorkerEntity = defineEntity({
  name: "Worker",
  tableName: "worker",
  schema: SCHEMA,
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    hostname: p.text(),
    pid: p.integer(),
    version: p.text(),
    status: p.text().$type<WorkerStatus>(),
    startedAt: time(),
    lastHeartbeatAt: time(),
    queues: p.array(),
    definitions: p.array(),
    concurrency: p.integer(),
    busy: p.integer(),
    processed: p.bigint("number"),
    succeeded: p.bigint("number"),
    failed: p.bigint("number"),
    retried: p.bigint("number"),
    load: p.json().$type<WorkerLoad>(),
  },
});

const QueueEntity = defineEntity({
  name: "Queue",
  tableName: "queue",
  schema: SCHEMA,
  properties: { name: p.text().primary(), paused: p.boolean().default(false) },
});

/** Facts about the installation, such as the broker's epoch. */
const SettingEntity = defineEntity({
  name: "Setting",
  tableName: "setting",
  schema: SCHEMA,
  properties: { key: p.text().primary(), value: p.text() },
});

export const ENTITIES = [TaskEntity, WorkerEntity, QueueEntity, SettingEntity];
