import { defineEntity, p } from "@mikro-orm/postgresql";
import type { Json, JsonObject } from "../lib/json.ts";
import type { LogLevelName } from "../lib/log.ts";
import type { ControlAction, ControlChange } from "../task/records/control.ts";
import type { MisfirePolicy, OverlapPolicy, ScheduleSource, SkipReason } from "../task/schedule/schedule.ts";
import type { TaskState } from "../task/records/state.ts";
import type { CountedOutcome } from "../task/records/stats.ts";
import type { StoredOptions } from "../task/call/stored-options.ts";
import type { Revocation, TaskError, TaskProgress } from "../task/records/task.ts";
import type { Autoscale } from "../task/records/worker-settings.ts";
import type { WorkerLoad, WorkerStatus } from "../task/records/worker.ts";
import type { RawAttempt } from "./tasks/rows.ts";

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

const TaskLogEntity = defineEntity({
  name: "TaskLog",
  tableName: "task_log",
  schema: SCHEMA,
  properties: {
    taskId: p.uuid().primary(),
    position: p.integer().primary(),
    version: p.integer(),
    line: p.integer(),
    attempt: p.integer(),
    at: time(),
    level: p.smallint(),
    message: p.text(),
    fields: p.json().$type<JsonObject>().nullable(),
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
    autoscale: p.json().$type<Autoscale>().nullable(),
    shutdown: p.text().$type<"drain" | "now">().nullable(),
    poolRestart: p.text().nullable(),
  },
});

const QueueEntity = defineEntity({
  name: "Queue",
  tableName: "queue",
  schema: SCHEMA,
  properties: {
    name: p.text().primary(),
    paused: p.boolean().default(false),
    concurrencyLimit: p.integer().nullable(),
    rateLimit: p.text().nullable(),
  },
});

const ScheduleEntity = defineEntity({
  name: "Schedule",
  tableName: "schedule",
  schema: SCHEMA,
  properties: {
    id: p.uuid().primary().defaultRaw("gen_random_uuid()"),
    name: p.text().unique(),
    description: p.text().nullable(),
    enabled: p.boolean().default(true),
    taskName: p.text(),
    args: p.json().$type<Json>(),
    options: p.json().$type<JsonObject>(),
    timing: p.json().$type<unknown>(),
    timeZone: p.text().default("UTC"),
    startAt: time().nullable(),
    endAt: time().nullable(),
    maxRuns: p.integer().nullable(),
    overlap: p.text().$type<OverlapPolicy>().default("ALLOW"),
    misfire: p.text().$type<MisfirePolicy>().default("FIRE_ONCE"),
    jitterMs: p.bigint("number").nullable(),
    source: p.text().$type<ScheduleSource>().default("API"),
    version: p.integer().default(1),
    createdAt: time(),
    updatedAt: time(),
    createdBy: p.text().nullable(),
    decidedUntil: time(),
    nextSlot: time().nullable(),
    nextRunAt: time().nullable(),
    lastRunAt: time().nullable(),
    lastTaskId: p.uuid().nullable(),
    totalRunCount: p.integer().default(0),
    formerTimings: p.json().$type<unknown>(),
    problem: p.text().nullable(),
  },
});

const ScheduleSkipEntity = defineEntity({
  name: "ScheduleSkip",
  tableName: "schedule_skip",
  schema: SCHEMA,
  properties: {
    scheduleId: p.uuid().primary(),
    firstSlot: time().primary(),
    lastSlot: time(),
    count: p.integer().nullable(),
    reason: p.text().$type<SkipReason>(),
  },
});

/** A row to lock while a limit is counted, and the key whose turn it was last. */
const LimitTurnEntity = defineEntity({
  name: "LimitTurn",
  tableName: "limit_turn",
  schema: SCHEMA,
  properties: { limited: p.text().primary(), turn: p.text().nullable() },
});

const WorkerSettingEntity = defineEntity({
  name: "WorkerSetting",
  tableName: "worker_setting",
  schema: SCHEMA,
  properties: {
    name: p.text().primary(),
    concurrency: p.integer().nullable(),
    autoscaleMin: p.integer().nullable(),
    autoscaleMax: p.integer().nullable(),
    queuesAdded: p.array(),
    queuesRemoved: p.array(),
    paused: p.boolean().default(false),
    logLevel: p.text().$type<LogLevelName>().nullable(),
    updatedAt: time(),
  },
});

const TaskSettingEntity = defineEntity({
  name: "TaskSetting",
  tableName: "task_setting",
  schema: SCHEMA,
  properties: {
    name: p.text().primary(),
    rateLimit: p.text().nullable(),
    timeLimitMs: p.integer().nullable(),
    softTimeLimitMs: p.integer().nullable(),
    paused: p.boolean().default(false),
    updatedAt: time(),
  },
});

const ControlLogEntity = defineEntity({
  name: "ControlLog",
  tableName: "control_log",
  schema: SCHEMA,
  properties: {
    id: p.bigint("number").primary(),
    at: time(),
    actor: p.text().nullable(),
    action: p.text().$type<ControlAction>(),
    changes: p.json().$type<readonly ControlChange[]>(),
  },
});

const TaskStatEntity = defineEntity({
  name: "TaskStat",
  tableName: "task_stat",
  schema: SCHEMA,
  properties: {
    stage: p.smallint().primary(),
    at: time().primary(),
    id: p.bigint("number").primary(),
    name: p.text(),
    queue: p.text(),
    outcome: p.text().$type<CountedOutcome>(),
    count: p.integer(),
    runBuckets: p.array().columnType("smallint[]").nullable(),
    runCounts: p.array().columnType("int[]").nullable(),
    waitBuckets: p.array().columnType("smallint[]").nullable(),
    waitCounts: p.array().columnType("int[]").nullable(),
    fingerprint: p.text().nullable(),
    errorType: p.text().nullable(),
    errorMessage: p.text().nullable(),
    firstAt: time().nullable(),
    lastAt: time().nullable(),
    sampleId: p.uuid().nullable(),
  },
});

/** Facts about the installation, such as the broker's epoch. */
const SettingEntity = defineEntity({
  name: "Setting",
  tableName: "setting",
  schema: SCHEMA,
  properties: { key: p.text().primary(), value: p.text() },
});

export const ENTITIES = [
  TaskEntity,
  TaskLogEntity,
  WorkerEntity,
  QueueEntity,
  ScheduleEntity,
  ScheduleSkipEntity,
  WorkerSettingEntity,
  TaskSettingEntity,
  ControlLogEntity,
  TaskStatEntity,
  SettingEntity,
  LimitTurnEntity,
];
