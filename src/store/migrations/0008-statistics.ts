import { Migration } from "@mikro-orm/migrations";

const COUNTED = `('SUCCESS','FAILURE','REVOKED','EXPIRED','RETRY')`;

/** The bucket of a span, as `bucketOf` in task/histogram.ts has it. */
function bucket(from: string, to: string): string {
  const milliseconds = `greatest(date_part('epoch', ${to} - ${from}) * 1000, 1)`;
  return `case when t.state in ('SUCCESS','FAILURE') and ${from} is not null
               then least(ceil(ln(${milliseconds}) / ln(1.2::float8)), 125)::smallint end`;
}

/**
 * Statistics. A trigger counts what a statement has ended, in that statement: so the statistics say what the rows say, whoever ends a task,
 * by whatever way, and whoever dies when. It adds a row for each name, queue, outcome and fingerprint, and changes none that is there: so no
 * two statements ever wait for each other, not even for a transaction that hangs before its commit. Many rows may count the same; who
 * reads adds them up, and the roll-up (pg-stat-store.ts) makes one of them. `stage` is 0 as counted here, 1 rolled up in part, 2 a minute that is
 * over, 3 an hour.
 *
 * A trigger's statements are planned once for each connection. As a part of the finish itself the same would be planned with every finish, which
 * made that half as slow again where tasks end one by one. Of the path of a task it is 4 % (PostgreSQL 15; see docs/statistics.md).
 */
export class Statistics0008 extends Migration {
  override up(): void {
    this.addSql(`
      create table lovage.task_stat (
        stage smallint not null check (stage between 0 and 3),
        at timestamptz not null,
        id bigint generated always as identity,
        name text not null,
        queue text not null,
        outcome text not null check (outcome in ${COUNTED}),
        count int not null check (count > 0),
        run_buckets smallint[],
        run_counts int[],
        wait_buckets smallint[],
        wait_counts int[],
        fingerprint text,
        error_type text,
        error_message text,
        first_at timestamptz,
        last_at timestamptz,
        sample_id uuid,
        primary key (stage, at, id)
      ) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)`);
    // In stage 0 the buckets are one of each task, without counts: adding them up is left to the roll-up. A row whose state stays is not
    // counted again, and RETRY without an error is no attempt that failed: the task asked to go on later.
    this.addSql(`
      create function lovage.count_ended() returns trigger language plpgsql as $body$
      begin
        if exists (select from after where state in ${COUNTED}) then
          insert into lovage.task_stat (stage, at, name, queue, outcome, count, run_buckets, wait_buckets, fingerprint, error_type,
                                        error_message, first_at, last_at, sample_id)
          select 0, date_trunc('minute', now(), 'UTC'), e.name, e.queue, e.state, count(*),
                 case when e.state in ('SUCCESS','FAILURE') then array_agg(e.run_bucket) end,
                 case when e.state in ('SUCCESS','FAILURE') then array_agg(e.wait_bucket) end,
                 e.fingerprint, min(e.type), min(e.message),
                 case when e.fingerprint is not null then now() end, case when e.fingerprint is not null then now() end,
                 max(case when e.fingerprint is not null then e.id::text end)::uuid
            from (select t.id, t.name, t.queue, t.state,
                         ${bucket("t.started_at", "t.finished_at")} as run_bucket,
                         ${bucket("t.queued_at", "t.started_at")} as wait_bucket,
                         case when t.state = 'FAILURE' then t.error->>'fingerprint' end as fingerprint,
                         case when t.state = 'FAILURE' then t.error->>'type' end as type,
                         case when t.state = 'FAILURE' then left(t.error->>'message', 500) end as message
                    from after t
                   where t.state in ${COUNTED} and (t.state <> 'RETRY' or t.error is not null)
                     and (t.id, t.state) not in (select b.id, b.state from before b where b.state in ${COUNTED})) e
           group by e.name, e.queue, e.state, e.fingerprint;
        end if;
        return null;
      end
      $body$`);
    this.addSql(`
      create trigger task_ended after update on lovage.task referencing old table as before new table as after
        for each statement execute function lovage.count_ended()`);
    // To count them, and to find the tasks of a group of failures. Neither is on the path of a task that succeeds.
    this.addSql(`drop index lovage.task_held`);
    this.addSql(`create index task_held on lovage.task (schedule_id, slot) where state = 'PENDING'`);
    this.addSql(
      `create index task_fingerprint on lovage.task ((error->>'fingerprint'), id) where error is not null`,
    );
  }

  override down(): void {
    this.addSql(`drop index lovage.task_fingerprint, lovage.task_held`);
    this.addSql(
      `create index task_held on lovage.task (schedule_id, slot) where state = 'PENDING' and schedule_id is not null`,
    );
    this.addSql(`drop trigger task_ended on lovage.task`);
    this.addSql(`drop function lovage.count_ended()`);
    this.addSql(`drop table lovage.task_stat`);
  }
}
