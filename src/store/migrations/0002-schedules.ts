import { Migration } from "@mikro-orm/migrations";

/**
 * Schedules, the slots that gave no task, and of which schedule and slot a task is.
 *
 * A trigger notes every change of what a schedule is told to do, whoever makes it: beat then plans it anew. So plain SQL is as good a way
 * to change schedules as the API. A schedule that is told another timing, zone or start begins with the slots after the change; one that is
 * only disabled and enabled does not: its policy decides about the slots in between.
 */
export class Schedules0002 extends Migration {
  override up(): void {
    this.addSql(`
      create table lovage.schedule (
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
        decided_until timestamptz not null default now(),
        next_slot timestamptz,
        next_run_at timestamptz,
        last_run_at timestamptz,
        last_task_id uuid,
        total_run_count int not null default 0,
        problem text
      )`);
    this.addSql(`create index schedule_next on lovage.schedule (next_run_at) where next_run_at is not null`);
    this.addSql(`
      create function lovage.note_schedule_change() returns trigger language plpgsql as $body$
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
          end if;
        end if;
        new.next_slot := null;
        new.next_run_at := case when new.enabled then clock_timestamp() end;
        return new;
      end
      $body$`);
    this.addSql(`
      create trigger schedule_change before insert or update on lovage.schedule
        for each row execute function lovage.note_schedule_change()`);
    this.addSql(`
      create table lovage.schedule_skip (
        schedule_id uuid not null references lovage.schedule (id) on delete cascade,
        first_slot timestamptz not null,
        last_slot timestamptz not null,
        count int,
        reason text not null check (reason in ('MISFIRED','OVERLAP','DUPLICATE')),
        primary key (schedule_id, first_slot)
      )`);
    this.addSql(`create index schedule_skip_age on lovage.schedule_skip (last_slot)`);
    this.addSql(
      `alter table lovage.task add column schedule_id uuid, add column schedule_name text, add column slot timestamptz`,
    );
    this.addSql(
      `create unique index task_slot on lovage.task (schedule_id, slot) where schedule_id is not null`,
    );
    this.addSql(`create index task_scheduled on lovage.task (schedule_id, slot)
      where schedule_id is not null and state in ('PENDING','SCHEDULED','QUEUED','STARTED','RETRY')`);
    this.addSql(
      `create index task_held on lovage.task (schedule_id, slot) where state = 'PENDING' and schedule_id is not null`,
    );
  }

  override down(): void {
    this.addSql(`drop index lovage.task_held, lovage.task_scheduled, lovage.task_slot`);
    this.addSql(
      `alter table lovage.task drop column schedule_id, drop column schedule_name, drop column slot`,
    );
    this.addSql(`drop table lovage.schedule_skip, lovage.schedule`);
    this.addSql(`drop function lovage.note_schedule_change()`);
  }
}
