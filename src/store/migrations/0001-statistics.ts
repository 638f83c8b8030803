const COUNTED = `('SUCCESS','FAILURE','REVOKED','EXPIRED','RETRY')`;

/** The bucket of a duration, as `bucketOf` in task/records/histogram.ts computes it. */
function bucket(from: string, to: string): string {
  const milliseconds = `greatest(date_part('epoch', ${to} - ${from}) * 1000, 1)`;
  return `case when t.state in ('SUCCESS','FAILURE') and ${from} is not null
               then least(ceil(ln(${milliseconds}) / ln(1.2::float8)), 125)::smallint end`;
}

/**
 * Statistics. A trigger counts the tasks that a statement has ended, in that statement. So the
 * statistics agree with the rows, however a task ends and whichever process dies.
 *
 * The trigger inserts a row for each name, queue, outcome and fingerprint, and updates none: no two
 * statements wait for each other, not even for a transaction that hangs before its commit. Readers
 * add up rows that count the same. The roll-up (pg-stat-maintenance.ts) merges them. `stage`: 0 as
 * the trigger wrote it, 1 partly merged, 2 a complete minute, 3 an hour.
 *
 * PostgreSQL plans a trigger's statements once for each connection. As a part of the finish
 * statement they would be planned with every finish: that made a finish of one task half as slow
 * again. The trigger takes 4 % of a task's path (PostgreSQL 15; see docs/statistics.md).
 */
export const TASK_STAT = [
  `create table lovage.task_stat (
    stage smallint not null check (stage between 0 and 3),
    at timestamptz not null,
    id bigint generated always as identity,
    name text not null,
    queue text not null,
    outcome text not null check (outcome in ${COUNTED}),
    count int not null check (count > 0),
    -- In stage 0 one bucket for each task, without counts: the roll-up adds them up.
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
  ) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)`,
  // A row whose state stays is not counted again. A RETRY without an error is not a failed attempt:
  // the task snoozed.
  `create function lovage.count_ended() returns trigger language plpgsql as $body$
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
  $body$`,
  `create trigger task_ended after update on lovage.task referencing old table as before new table as after
     for each statement execute function lovage.count_ended()`,
];
