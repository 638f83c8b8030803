import { Migration } from "@mikro-orm/migrations";

/** What only some tasks are told, in one column: see `StoredOptions`. A column without a value costs a row nothing. */
export class TaskOptions0003 extends Migration {
  override up(): void {
    this.addSql(`alter table lovage.task add column options jsonb check (jsonb_typeof(options) = 'object')`);
  }

  override down(): void {
    this.addSql(`alter table lovage.task drop column options`);
  }
}
