import { Migration } from "@mikro-orm/migrations";

/**
 * Timings that were replaced while slots of theirs may have been due and not decided: beat notes these slots as missed. Without it a change
 * that comes while no beat looks would drop them without a trace.
 */
export class FormerTimings0009 extends Migration {
  override up(): void {
    this.addSql(
      `alter table lovage.schedule add column former_timings jsonb not null default '[]' check (jsonb_typeof(former_timings) = 'array')`,
    );
    this.addSql(`
      create or replace function lovage.note_schedule_change() returns trigger language plpgsql as $body$
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
              -- The oldest gives way where somebody changes a schedule again and again while no beat runs.
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
      $body$`);
  }

  override down(): void {
    this.addSql(`
      create or replace function lovage.note_schedule_change() returns trigger language plpgsql as $body$
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
    this.addSql(`alter table lovage.schedule drop column former_timings`);
  }
}
