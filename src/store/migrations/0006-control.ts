import { Migration } from "@mikro-orm/migrations";

/**
 * What workers and task definitions are told while everything runs. Settings belong to a worker's name, since they outlive its process;
 * orders to one incarnation, since they are about this process only. Columns without a value are as the code and the configuration say.
 */
export class Control0006 extends Migration {
  override up(): void {
    this.addSql(`
      create table lovage.worker_setting (
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
      )`);
    this.addSql(`
      create table lovage.task_setting (
        name text primary key,
        rate_limit text check (rate_limit ~ '^[1-9][0-9]{0,6}/[smhd]$'),
        time_limit_ms int check (time_limit_ms > 0),
        soft_time_limit_ms int check (soft_time_limit_ms > 0),
        paused boolean not null default false,
        updated_at timestamptz not null default now()
      )`);
    this.addSql(`
      create table lovage.control_log (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        actor text,
        action text not null,
        changes jsonb not null
      )`);
    this.addSql(`
      alter table lovage.worker
        add column autoscale jsonb,
        add column shutdown text check (shutdown in ('drain','now')),
        add column pool_restart text`);
  }

  override down(): void {
    this.addSql(
      `alter table lovage.worker drop column autoscale, drop column shutdown, drop column pool_restart`,
    );
    this.addSql(`drop table lovage.control_log, lovage.task_setting, lovage.worker_setting`);
  }
}
