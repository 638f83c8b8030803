import { Migration } from "@mikro-orm/migrations";

/**
 * What tasks log. A line's position counts within its task: it is the cursor of readers, and the key holds two writers apart. Version and line
 * say which attempt's line it is, so that a batch that is sent again is stored once.
 *
 * Lines leave with their task, however that is deleted. A foreign key would ask for the task once per line that is stored and once per task
 * that is deleted; the trigger asks once per statement, by the key whatever the planner knew of the table when it first saw that statement (joined with
 * the deleted tasks, a log that had been empty then was read as a whole each time), and the statement that stores lines looks after their tasks itself.
 */
export class TaskLog0007 extends Migration {
  override up(): void {
    this.addSql(`
      create table lovage.task_log (
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
      )`);
    this.addSql(`
      create function lovage.delete_task_logs() returns trigger language plpgsql set enable_seqscan = off as $body$
      begin
        delete from lovage.task_log where task_id = any (array(select id from gone));
        return null;
      end
      $body$`);
    this.addSql(`
      create trigger task_logs_gone after delete on lovage.task referencing old table as gone
        for each statement execute function lovage.delete_task_logs()`);
  }

  override down(): void {
    this.addSql(`drop trigger task_logs_gone on lovage.task`);
    this.addSql(`drop function lovage.delete_task_logs()`);
    this.addSql(`drop table lovage.task_log`);
  }
}
