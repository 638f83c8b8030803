import { Migration } from "@mikro-orm/migrations";
import { DEFINITION } from "./0001-enqueue.ts";
import { TASK_STAT } from "./0001-statistics.ts";

/**
 * The schema of Lovage, table by table: columns, indexes, and the functions and triggers of a table
 * right after it.
 *
 * A nullable column without a value costs a row nothing, so rare facts about a task have columns or
 * one JSON column, not tables.
 */
export class Lovage0001 extends Migration {
  override up(): void {
    const statements = [
      "create schema if not exists lovage",
      ...[...TASK, ...TASK_LOG, ...TASK_STAT],
      ...[...SCHEDULE, ...SCHEDULE_SKIP],
      ...[...QUEUE, ...WORKER, ...SETTINGS, ...CONTROL_LOG],
      ...DEFINITION,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}

const UNFINISHED = `('PENDING','SCHEDULED','QUEUED','STARTED','RETRY')`;

/**
 * Every change of state updates all indexes of a row that have the row in them. So besides the key
 * there are only small, partial indexes, and lists in order of creation walk the key itself: a
 * UUIDv7.
 */
const TASK = [
  `create table lovage.task (
    id uuid primary key,
    name text not null,
    queue text not null,
    priority smallint not null check (priority between 0 and 3),
    state text not null check (state in ('PENDING','SCHEDULED','QUEUED','STARTED','RETRY','SUCCESS','FAILURE','REVOKED','EXPIRED')),
    attempt int not null default 0,
    max_attempts int not null,
    crash_count int not null default 0,
    -- Rises with every change of state: the fence against late finishers. 0 until the dispatcher has announced the task.
    version int not null default 1,

    input jsonb,
    output jsonb,
    error jsonb,
    progress jsonb,
    -- Earlier attempts; the last one is the row itself.
    attempts jsonb,
    tags text[],
    meta jsonb,
    -- Options that few tasks have: StoredOptions.
    options jsonb check (jsonb_typeof(options) = 'object'),

    worker_id uuid,
    worker_name text,

    created_at timestamptz not null,
    queued_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    run_at timestamptz,
    expires_at timestamptz,
    keep_until timestamptz,
    time_limit_ms int,

    cancel_requested_at timestamptz,
    -- Who cancelled it, and why: Revocation.
    revocation jsonb check (jsonb_typeof(revocation) = 'object'),

    unique_key text,
    idempotency_key text,
    -- The key that limits count the task by. Null without limits, so such a task is in none of the indexes of limits.
    limit_key text collate "C",

    parent_id uuid,
    retry_of uuid,
    created_by text,
    schedule_id uuid,
    schedule_name text,
    slot timestamptz
  ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)`,

  // Tasks of a limited queue are claimed from it in its order.
  `create index task_queued on lovage.task (queue, priority desc, queued_at) where state = 'QUEUED'`,
  `create index task_due on lovage.task (run_at) where state in ('SCHEDULED','RETRY')`,
  `create index task_new on lovage.task (id) where version = 0`,
  `create index task_started on lovage.task (worker_id) where state = 'STARTED'`,
  `create index task_expires on lovage.task (expires_at)
     where expires_at is not null and state in ('PENDING','SCHEDULED','QUEUED','RETRY')`,
  `create index task_unsuccessful on lovage.task (state, id) where state in ('FAILURE','REVOKED','EXPIRED')`,
  // The tasks of a group of equal failures.
  `create index task_fingerprint on lovage.task ((error->>'fingerprint'), id) where error is not null`,
  `create index task_keep on lovage.task (keep_until) where keep_until is not null`,
  `create index task_tags on lovage.task using gin (tags) where tags is not null`,

  `create unique index task_idempotency_key on lovage.task (idempotency_key) where idempotency_key is not null`,
  `create unique index task_unique_key on lovage.task (unique_key) where unique_key is not null and state in ${UNFINISHED}`,
  `create unique index task_slot on lovage.task (schedule_id, slot) where schedule_id is not null`,
  `create index task_scheduled on lovage.task (schedule_id, slot) where schedule_id is not null and state in ${UNFINISHED}`,
  `create index task_held on lovage.task (schedule_id, slot) where state = 'PENDING'`,

  `create index task_limited on lovage.task (queue, name, limit_key, priority desc, queued_at)
     where state = 'QUEUED' and limit_key is not null`,
  `create index task_limited_started on lovage.task (name, limit_key) where state = 'STARTED' and limit_key is not null`,
];

/**
 * Log lines of tasks. The position of a line counts within its task: it is the cursor of readers,
 * and the key keeps two writers apart. Version and line name the attempt's line, so a batch that is
 * sent again is stored once.
 *
 * Lines are deleted with their task, by a trigger. A foreign key would look up the task once per
 * stored line and once per deleted task; the trigger runs once per statement, and the statement
 * that stores lines checks their tasks itself. The trigger finds lines by an array of keys. A join
 * with the deleted tasks read the whole log, where the log was empty when the plan was made.
 */
const TASK_LOG = [
  `create table lovage.task_log (
    task_id uuid not null,
    position int not null,
    version int not null,
    line int not null,
    attempt int not null,
    at timestamptz not null,
    level smallint not null,
    message text not null,
    fields jsonb,
    primary key (task_id, position)
  )`,
  `create function lovage.delete_task_logs() returns trigger language plpgsql set enable_seqscan = off as $body$
  begin
    delete from lovage.task_log where task_id = any (array(select id from gone));
    return null;
  end
  $body$`,
  `create trigger task_logs_gone after delete on lovage.task referencing old table as gone
     for each statement execute function lovage.delete_task_logs()`,
];

/**
 * Schedules. A trigger records every change, also by plain SQL, and makes the schedule due: beat
 * then plans it again. So plain SQL is as good a way to change schedules as the API.
 *
 * A schedule with a new timing, zone or start begins with the slots after the change. One that is
 * only disabled and enabled again does not: its misfire policy decides about the slots in between.
 * A replaced timing may have slots that were due and undecided. The trigger keeps it in
 * `former_timings`, and beat records these slots as missed: else a change while no beat runs would
 * lose them.
 */
const SCHEDULE = [
  `create table lovage.schedule (
    id uuid primary key default gen_random_uuid(),
    name text not null unique check (length(name) between 1 and 128),
    description text,
    enabled boolean not null default true,
    task_name text not null,
    args jsonb not null default '{}',
    options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
    timing jsonb not null check (jsonb_typeof(timing) = 'object'),
    time_zone text not null default 'UTC',
    start_at timestamptz,
    end_at timestamptz,
    max_runs int check (max_runs > 0),
    overlap text not null default 'ALLOW' check (overlap in ('ALLOW','SKIP','QUEUE','CANCEL_PREVIOUS')),
    misfire text not null default 'FIRE_ONCE' check (misfire in ('SKIP','FIRE_ONCE','CATCH_UP')),
    jitter_ms bigint check (jitter_ms >= 0),
    source text not null default 'API' check (source in ('CODE','API')),
    version int not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    created_by text,

    -- Written by beat and the trigger.
    decided_until timestamptz not null default now(),
    next_slot timestamptz,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_task_id uuid,
    total_run_count int not null default 0,
    former_timings jsonb not null default '[]' check (jsonb_typeof(former_timings) = 'array'),
    problem text
  )`,
  `create index schedule_next on lovage.schedule (next_run_at) where next_run_at is not null`,
  `create function lovage.note_schedule_change() returns trigger language plpgsql as $body$
  begin
    if tg_op = 'UPDATE' then
      if row(new.name, new.description, new.enabled, new.task_name, new.args, new.options, new.timing, new.time_zone, new.start_at,
             new.end_at, new.max_runs, new.overlap, new.misfire, new.jitter_ms, new.source)
         is not distinct from
         row(old.name, old.description, old.enabled, old.task_name, old.args, old.options, old.timing, old.time_zone, old.start_at,
             old.end_at, old.max_runs, old.overlap, old.misfire, old.jitter_ms, old.source) then
        return new;
      end if;
      new.version := old.version + 1;
      new.updated_at := clock_timestamp();
      if new.problem is not distinct from old.problem then
        new.problem := null;
      end if;
      if row(new.timing, new.time_zone, new.start_at) is distinct from row(old.timing, old.time_zone, old.start_at) then
        new.decided_until := clock_timestamp();
        if old.enabled and old.problem is null and coalesce(old.next_slot, '-infinity') <= new.decided_until then
          -- The oldest is dropped when a schedule is changed again and again while no beat runs.
          new.former_timings :=
            case when jsonb_array_length(old.former_timings) < 100 then old.former_timings else old.former_timings - 0 end
            || jsonb_build_object('timing', old.timing, 'timeZone', old.time_zone, 'startAt', old.start_at, 'endAt', old.end_at,
                                  'decidedUntil', old.decided_until, 'replacedAt', new.decided_until);
        end if;
      end if;
    end if;
    new.next_slot := null;
    new.next_run_at := case when new.enabled then clock_timestamp() end;
    return new;
  end
  $body$`,
  `create trigger schedule_change before insert or update on lovage.schedule
     for each row execute function lovage.note_schedule_change()`,
];

/** Ranges of slots that gave no task. */
const SCHEDULE_SKIP = [
  `create table lovage.schedule_skip (
    schedule_id uuid not null references lovage.schedule (id) on delete cascade,
    first_slot timestamptz not null,
    last_slot timestamptz not null,
    count int,
    reason text not null check (reason in ('MISFIRED','OVERLAP','DUPLICATE')),
    primary key (schedule_id, first_slot)
  )`,
  `create index schedule_skip_age on lovage.schedule_skip (last_slot)`,
];

/**
 * Queues with settings, and the rows that claims of limited tasks lock while they count, each with
 * the key that had the last turn.
 */
const QUEUE = [
  `create table lovage.queue (
    name text primary key,
    paused boolean not null default false,
    concurrency_limit int check (concurrency_limit > 0),
    rate_limit text
  )`,
  `create table lovage.limit_turn (limited text primary key, turn text) with (fillfactor = 50)`,
];

/**
 * Workers: a row for each incarnation. The last two columns are commands to it, so they are for
 * this process only.
 */
const WORKER = [
  `create table lovage.worker (
    id uuid primary key,
    name text not null,
    hostname text not null,
    pid int not null,
    version text not null,
    status text not null check (status in ('ONLINE','DRAINING','PAUSED','LOST','OFFLINE')),
    started_at timestamptz not null,
    last_heartbeat_at timestamptz not null,
    queues text[] not null,
    definitions text[] not null,
    concurrency int not null,
    busy int not null,
    processed bigint not null,
    succeeded bigint not null,
    failed bigint not null,
    retried bigint not null,
    load jsonb not null,
    autoscale jsonb,
    shutdown text check (shutdown in ('drain','now')),
    pool_restart text
  )`,
];

/**
 * Runtime settings of workers and runtime overrides of task definitions. Null stands for the value of the code and the
 * configuration. Settings of a worker belong to its name, since they outlive its process. `setting`
 * has facts about the installation.
 */
const SETTINGS = [
  `create table lovage.worker_setting (
    name text primary key,
    concurrency int check (concurrency between 1 and 1024),
    autoscale_min int check (autoscale_min >= 1),
    autoscale_max int check (autoscale_max between autoscale_min and 1024),
    queues_added text[] not null default '{}',
    queues_removed text[] not null default '{}',
    paused boolean not null default false,
    log_level text check (log_level in ('trace','debug','info','warn','error','fatal','silent')),
    updated_at timestamptz not null default now(),
    check ((autoscale_min is null) = (autoscale_max is null)),
    check (concurrency is null or autoscale_min is null)
  )`,
  `create table lovage.task_setting (
    name text primary key,
    rate_limit text check (rate_limit ~ '^[1-9][0-9]{0,6}/[smhd]$'),
    time_limit_ms int check (time_limit_ms > 0),
    soft_time_limit_ms int check (soft_time_limit_ms > 0),
    paused boolean not null default false,
    updated_at timestamptz not null default now()
  )`,
  `create table lovage.setting (key text primary key, value text not null)`,
];

/** The log of commands to workers, queues and task definitions. */
const CONTROL_LOG = [
  `create table lovage.control_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text,
    action text not null,
    changes jsonb not null
  )`,
];
