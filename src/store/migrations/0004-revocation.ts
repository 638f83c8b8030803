import { Migration } from "@mikro-orm/migrations";

/** Who cancelled a task, and why: see `Revocation`. A column without a value costs a row nothing. */
export class Revocation0004 extends Migration {
  override up(): void {
    this.addSql(
      `alter table lovage.task add column revocation jsonb check (jsonb_typeof(revocation) = 'object')`,
    );
  }

  override down(): void {
    this.addSql(`alter table lovage.task drop column revocation`);
  }
}
