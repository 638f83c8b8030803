import { Migration } from "@mikro-orm/migrations";

/**
 * Tasks, workers, queues, settings.
 *
 * Indexes cost the path of every task, since a change of state touches them all: so only small, partial ones besides the key, and
 * lists that are ordered by creation walk the key itself (UUIDv7).
 */
export class Tasks0001 extends Migration {
  override up(): void {
    this.addSql(`create schema if not exists lovage`);
    this.addSql(`
      create table lovage.task (
        id uuid primary key,
        name text not null,
        queue text not null,
        priority smallint not null check (priority between 0 and 3),
        state text not null check (state in ('PENDING','SCHEDULED','QUEUED','STARTED','RETRY','SUCCESS','FAILURE','REVOKED','EXPIRED')),
        attempt int not null default 0,
        max_attempts int not null,
        crash_count int not null default 0,
        version int not null default 1,
        input jsonb,
        output jsonb,
        error jsonb,
        progress jsonb,
        attempts jsonb,
        worker_id uuid,
        worker_name text,
        tags text[],
        meta jsonb,
        created_at timestamptz not null,
        queued_at timestamptz,
        started_at timestamptz,
        finished_at timestamptz,
        run_at timestamptz,
        expires_at timestamptz,
        cancel_requested_at timestamptz,
        keep_until timestamptz,
        time_limit_ms int,
        unique_key text,
        idempotency_key text,
        parent_id uuid,
        retry_of uuid,
        created_by text
      ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)`);
    this.addSql(`create index task_queued on lovage.task (queue, queued_at) where state = 'QUEUED'`);
    this.addSql(`create index task_due on lovage.task (run_at) where state in ('SCHEDULED','RETRY')`);
    this.addSql(`create index task_started on lovage.task (worker_id) where state = 'STARTED'`);
    this.addSql(`create index task_expires on lovage.task (expires_at)
      where expires_at is not null and state in ('PENDING','SCHEDULED','QUEUED','RETRY')`);
    this.addSql(
      `create index task_unsuccessful on lovage.task (state, id) where state in ('FAILURE','REVOKED','EXPIRED')`,
    );
    this.addSql(`create index task_keep on lovage.task (keep_until) where keep_until is not null`);
    this.addSql(`create index task_tags on lovage.task using gin (tags) where tags is not null`);
    this.addSql(
      `create unique index task_idempotency_key on lovage.task (idempotency_key) where idempotency_key is not null`,
    );
    this.addSql(`create unique index task_unique_key on lovage.task (unique_key)
      where unique_key is not null and state in ('PENDING','SCHEDULED','QUEUED','STARTED','RETRY')`);
    this.addSql(`
      create table lovage.worker (
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
        load jsonb not null
      )`);
    this.addSql(`create table lovage.queue (name text primary key, paused boolean not null default false)`);
    this.addSql(`create table lovage.setting (key text primary key, value text not null)`);
  }

  override down(): void {
    this.addSql(`drop table lovage.setting, lovage.queue, lovage.worker, lovage.task`);
  }
}
