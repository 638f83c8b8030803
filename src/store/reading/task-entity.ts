import { defineEntity, p } from "@mikro-orm/postgresql";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { StoredOptions } from "../../task/call/stored-options.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { Revocation, TaskError, TaskProgress } from "../../task/records/task.ts";
import type { RawAttempt } from "../tasks/rows.ts";

/** `timestamptz`: timestamps with microseconds. */
const time = () => p.datetime().columnType("timestamptz");

/**
 * The table of tasks for MikroORM's QueryBuilder, which makes the SQL of filters and orders. No row
 * is read through it.
 */
export const TaskEntity = defineEntity({
  name: "Task",
  tableName: "task",
  schema: "lovage",
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
    revocation: p.json().$type<Revocation>().nullable(),
    keepUntil: time().nullable(),
    timeLimitMs: p.integer().nullable(),
    options: p.json().$type<StoredOptions>().nullable(),
    limitKey: p.text().nullable(),
    uniqueKey: p.text().nullable(),
    idempotencyKey: p.text().nullable(),
    parentId: p.uuid().nullable(),
    retryOf: p.uuid().nullable(),
    createdBy: p.text().nullable(),
    scheduleId: p.uuid().nullable(),
    scheduleName: p.text().nullable(),
    slot: time().nullable(),
  },
});
