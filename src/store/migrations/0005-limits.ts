import { Migration } from "@mikro-orm/migrations";

/**
 * What limited tasks are counted by, and the limits of queues. Tasks without limits have no value in the column, and so no entry in its
 * indexes.
 *
 * The index of QUEUED rows has the priority in its second place: the tasks of a limited queue are claimed from it, in their order.
 */
export class Limits0005 extends Migration {
  override up(): void {
    this.addSql(`alter table lovage.task add column limit_key text collate "C"`);
    this.addSql(`create index task_limited on lovage.task (queue, name, limit_key, priority desc, queued_at)
      where state = 'QUEUED' and limit_key is not null`);
    this.addSql(`create index task_limited_started on lovage.task (name, limit_key)
      where state = 'STARTED' and limit_key is not null`);
    this.addSql(`drop index lovage.task_queued`);
    this.addSql(
      `create index task_queued on lovage.task (queue, priority desc, queued_at) where state = 'QUEUED'`,
    );
    this.addSql(`alter table lovage.queue
      add column concurrency_limit int check (concurrency_limit > 0), add column rate_limit text`);
    this.addSql(
      `create table lovage.limit_turn (limited text primary key, turn text) with (fillfactor = 50)`,
    );
  }

  override down(): void {
    this.addSql(`drop table lovage.limit_turn`);
    this.addSql(`alter table lovage.queue drop column concurrency_limit, drop column rate_limit`);
    this.addSql(`drop index lovage.task_queued`);
    this.addSql(`create index task_queued on lovage.task (queue, queued_at) where state = 'QUEUED'`);
    this.addSql(`drop index lovage.task_limited_started, lovage.task_limited`);
    this.addSql(`alter table lovage.task drop column limit_key`);
  }
}
