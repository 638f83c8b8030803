import { CHECKS } from "./0001-enqueue-checks.ts";

/**
 * Definitions as servers and workers stored them at their start, and the function `lovage.enqueue`,
 * which makes tasks of them. `template` is the row of a task without options, made by the enqueuer:
 * the function puts the options of its call over it, as `makeRow` does. A test compares the rows.
 */
const OPTIONS = `array['queue','worker','priority','runAt','delay','expiresIn','maxAttempts','timeLimit','softTimeLimit','uniqueKey',
    'onConflict','debounce','maxWait','idempotencyKey','tags','meta','resultsExpire','ignoreResult']`;

/** Milliseconds of 10 years and of 24 days, as in enqueue-options.ts and time-limits.ts. */
const FARTHEST_MS = 3_653 * 86_400_000;
const MAX_TIME_LIMIT_MS = 2 ** 31 - 1;

export const DEFINITION = [
  `create table lovage.definition (
    name text primary key,
    template jsonb not null check (jsonb_typeof(template) = 'object'),
    -- Why SQL cannot make its tasks; null where it can.
    refusal text,
    input_schema jsonb,
    -- For the check of contracts. Enqueues do not read it.
    output_schema jsonb,
    updated_at timestamptz not null default now()
  )`,

  ...CHECKS,

  `create function lovage.enqueue(task text, input jsonb default '{}', options jsonb default '{}') returns uuid
     language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  #variable_conflict use_variable
  declare
    template jsonb;
    stored jsonb;
    refusal text;
    input_schema jsonb;
    path text;
    given jsonb;
    queue text;
    unique_key text;
    idempotency_key text;
    tags text[];
    keep jsonb;
    due timestamptz;
    delay_ms bigint;
    expires_ms bigint;
    limit_ms bigint;
    soft_ms bigint;
    first_due_ms bigint;
    new_id uuid;
    holder record;
  begin
    select d.template, d.refusal, d.input_schema into template, refusal, input_schema from lovage.definition d where d.name = task;
    if template is null then
      perform lovage.refuse('task', format('"%s" is not registered. Servers and workers register their definitions at their start', lovage.shorten(task)));
    elsif refusal is not null then
      perform lovage.refuse('task', format('"%s" cannot be enqueued by SQL: %s. Use app.enqueue or GraphQL', task, refusal));
    end if;
    if input is null then
      perform lovage.refuse('input', 'must not be null. Leave it out for {}');
    elsif octet_length(input::text) > 262144 then
      perform lovage.refuse('input', format('is %s KiB; the limit is 256 KiB. Store the data and pass a reference', octet_length(input::text) / 1024));
    end if;
    perform lovage.check_limits('input', input);
    if input_schema is not null then
      perform lovage.check_schema('input', input_schema, input);
    end if;

    if jsonb_typeof(coalesce(options, '{}')) <> 'object' then
      perform lovage.refuse('options', format('must be an object, got %s', lovage.shorten(options::text)));
    end if;
    select coalesce(jsonb_object_agg(e.key, e.value), '{}') into options from jsonb_each(options) e where e.value <> 'null';
    select 'options.' || lovage.shorten(k) into path from jsonb_object_keys(options) k where k <> all (${OPTIONS}) order by k limit 1;
    if path is not null then
      perform lovage.refuse(path, 'is not an option of a call');
    end if;
    select 'options.' || k into path from unnest(array['debounce','maxWait']) k where options ? k limit 1;
    if path is not null or options -> 'onConflict' = '"REPLACE"' then
      perform lovage.refuse(coalesce(path, 'options.onConflict'), 'cannot be used in a transaction of the caller: it would hold the waiting task, and workers with it');
    end if;

    queue := template ->> 'queue';
    if options ? 'queue' then
      queue := options ->> 'queue';
      if jsonb_typeof(options -> 'queue') <> 'string' or queue !~ '^[a-zA-Z0-9][\\w.:-]{0,127}$' then
        perform lovage.refuse('options.queue', format('must be a letter or digit, then up to 127 letters, digits, "_", ".", ":" or "-", got %s', lovage.shorten((options -> 'queue')::text)));
      elsif jsonb_typeof(template -> 'queues') = 'array' and not template -> 'queues' ? queue then
        perform lovage.refuse('options.queue', format('Queue "%s" does not exist. Known: %s', queue, template -> 'queues'));
      end if;
    end if;
    if options ? 'worker' then
      if jsonb_typeof(options -> 'worker') <> 'string' or options ->> 'worker' !~ '^[^\\s[:cntrl:]]{1,128}$' then
        perform lovage.refuse('options.worker', format('must be the name of a worker (1 to 128 visible characters without spaces), got %s', lovage.shorten((options -> 'worker')::text)));
      elsif options ? 'queue' then
        perform lovage.refuse('options.worker', 'excludes queue: each worker has its own queue');
      end if;
      queue := '@' || (options ->> 'worker');
    end if;
    if options ? 'priority' and not '["LOW","NORMAL","HIGH","CRITICAL"]'::jsonb @> jsonb_build_array(options -> 'priority') then
      perform lovage.refuse('options.priority', format('must be one of LOW, NORMAL, HIGH, CRITICAL, got %s', lovage.shorten((options -> 'priority')::text)));
    end if;
    if options ? 'onConflict' and options ->> 'onConflict' not in ('RETURN','REJECT') then
      perform lovage.refuse('options.onConflict', format('must be one of RETURN, REPLACE, REJECT, got %s', lovage.shorten((options -> 'onConflict')::text)));
    elsif options ? 'onConflict' and not options ? 'uniqueKey' then
      perform lovage.refuse('options.onConflict', 'needs a uniqueKey');
    end if;
    if options ? 'maxAttempts' and (jsonb_typeof(options -> 'maxAttempts') <> 'number' or options ->> 'maxAttempts' !~ '^([1-9]\\d{0,2}|1000)$') then
      perform lovage.refuse('options.maxAttempts', format('must be an integer from 1 to 1000, got %s', lovage.shorten((options -> 'maxAttempts')::text)));
    end if;

    if options ? 'runAt' and options ? 'delay' then
      perform lovage.refuse('options.delay', 'cannot be given together with runAt');
    end if;
    delay_ms := lovage.read_duration('options.delay', options -> 'delay', false, ${FARTHEST_MS});
    expires_ms := lovage.read_duration('options.expiresIn', options -> 'expiresIn', false, ${FARTHEST_MS});
    limit_ms := lovage.read_duration('options.timeLimit', options -> 'timeLimit', true, ${MAX_TIME_LIMIT_MS});
    soft_ms := lovage.read_duration('options.softTimeLimit', options -> 'softTimeLimit', true, ${MAX_TIME_LIMIT_MS});
    if options ? 'runAt' then
      begin
        -- PostgreSQL reads second 60, which app.enqueue refuses.
        if options ->> 'runAt' ~* '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:[0-5]\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:?\\d\\d)$' then
          due := date_trunc('milliseconds', (options ->> 'runAt')::timestamptz);
        end if;
      exception when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        due := null;
      end;
      if due is null then
        perform lovage.refuse('options.runAt', format('must be a timestamp with a time zone (ISO 8601), got %s', lovage.shorten((options -> 'runAt')::text)));
      end if;
      if due > statement_timestamp() + interval '3653 days' then
        perform lovage.refuse('options.runAt', format('must be within 10 years from now, got %s', lovage.shorten((options -> 'runAt')::text)));
      end if;
    else
      due := statement_timestamp() + delay_ms * interval '1 millisecond';
    end if;
    first_due_ms := coalesce(delay_ms, greatest(0, trunc(extract(epoch from due - statement_timestamp()) * 1000)), 0);
    if expires_ms <= first_due_ms then
      perform lovage.refuse('options.expiresIn', format('must end after the task is due, got %s', lovage.shorten((options -> 'expiresIn')::text)));
    end if;

    foreach path in array array['uniqueKey','idempotencyKey'] loop
      if options ? path and (jsonb_typeof(options -> path) <> 'string' or options ->> path !~ '^[^[:cntrl:]]{1,255}$') then
        perform lovage.refuse('options.' || path, format('must be 1 to 255 characters of plain text, got %s', lovage.shorten((options -> path)::text)));
      end if;
    end loop;
    unique_key := options ->> 'uniqueKey';
    idempotency_key := options ->> 'idempotencyKey';
    given := coalesce(options -> 'tags', '[]');
    if jsonb_typeof(given) <> 'array' then
      perform lovage.refuse('options.tags', format('must be an array of strings, got %s', lovage.shorten(given::text)));
    elsif jsonb_array_length(given) > 50 then
      perform lovage.refuse('options.tags', format('must be at most 50, got %s', jsonb_array_length(given)));
    elsif exists (select from jsonb_array_elements(given) e where jsonb_typeof(e.value) <> 'string' or e.value #>> '{}' !~ '^[^[:cntrl:]]{1,128}$') then
      perform lovage.refuse('options.tags', format('must each be 1 to 128 characters of plain text, got %s', lovage.shorten(given::text)));
    end if;
    if jsonb_array_length(template -> 'tags') > 0 then
      select array_agg(t.tag order by t.nr) into tags
        from (select e.tag, min(e.nr) as nr from jsonb_array_elements_text(template -> 'tags' || given) with ordinality as e(tag, nr) group by e.tag) t;
    else
      select array_agg(e.tag order by e.nr) into tags from jsonb_array_elements_text(given) with ordinality as e(tag, nr);
    end if;
    if options ? 'meta' and (jsonb_typeof(options -> 'meta') <> 'object' or octet_length((options -> 'meta')::text) > 262144) then
      perform lovage.refuse('options.meta', 'must be an object of at most 256 KiB');
    end if;
    perform lovage.check_limits('options.meta', options -> 'meta');
    if options ? 'ignoreResult' and jsonb_typeof(options -> 'ignoreResult') <> 'boolean' then
      perform lovage.refuse('options.ignoreResult', format('must be true or false, got %s', lovage.shorten((options -> 'ignoreResult')::text)));
    end if;

    stored := case options ->> 'ignoreResult' when 'true' then (template -> 'options') - 'resultBackend' || '{"ignoreResult": true}'
                                              when 'false' then template -> 'keptOptions' else template -> 'options' end;
    if options ? 'resultsExpire' then
      given := options -> 'resultsExpire';
      if jsonb_typeof(given) <> 'object' then
        given := jsonb_build_object('all', given);
      end if;
      select 'options.resultsExpire.' || lovage.shorten(k) into path from jsonb_object_keys(given) k
       where k not in ('all','success','failure','revoked','expired') limit 1;
      if path is not null then
        perform lovage.refuse(path, 'is not a final state');
      end if;
      select jsonb_object_agg(k.state, ms) into keep
        from unnest(array['SUCCESS','FAILURE','REVOKED','EXPIRED']) as k(state),
             lovage.read_duration('options.resultsExpire', coalesce(nullif(given -> lower(k.state), 'null'), nullif(given -> 'all', 'null')), true, ${FARTHEST_MS}) as ms
       where ms is not null;
      stored := stored || jsonb_build_object('keep', coalesce(stored -> 'keep', '{}') || coalesce(keep, '{}'));
    end if;
    if limit_ms is not null then
      stored := stored || '{"ownTimeLimit": true}';
    end if;
    if soft_ms is not null then
      stored := stored || jsonb_build_object('softTimeLimitMs', soft_ms, 'ownSoftTimeLimit', true);
    end if;
    if (stored ->> 'softTimeLimitMs')::bigint >= coalesce(limit_ms, (template ->> 'timeLimitMs')::bigint) then
      perform lovage.refuse(case when soft_ms is null then 'options.timeLimit' else 'options.softTimeLimit' end, 'the soft time limit must be shorter than the time limit');
    end if;
    if (template ->> 'countsFromDue')::boolean and first_due_ms > 0 then
      stored := stored || jsonb_build_object('firstDueMs', first_due_ms);
    end if;

    -- A UUIDv7, as the enqueuer makes: lists in order of creation walk the key.
    new_id := encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
    for round in 1..100 loop
      insert into lovage.task (id, name, queue, priority, state, max_attempts, input, created_at, queued_at, run_at, expires_at, time_limit_ms,
                               unique_key, idempotency_key, tags, meta, options, limit_key, version)
      select new_id, task, queue,
             coalesce(array_position(array['LOW','NORMAL','HIGH','CRITICAL'], options ->> 'priority') - 1, (template ->> 'priority')::int),
             case when due > statement_timestamp() then 'SCHEDULED' else 'QUEUED' end,
             coalesce((options ->> 'maxAttempts')::int, (template ->> 'maxAttempts')::int), input, statement_timestamp(),
             case when due > statement_timestamp() then null else statement_timestamp() end,
             case when due > statement_timestamp() then due end, statement_timestamp() + expires_ms * interval '1 millisecond',
             coalesce(limit_ms, (template ->> 'timeLimitMs')::bigint), unique_key, idempotency_key, tags, options -> 'meta',
             nullif(stored, '{}'), template ->> 'limitKey', 0
      on conflict do nothing;
      if found then
        return new_id;
      end if;
      select t.id, t.name = task and (case when t.options -> 'enqueuedInput' is null then t.input
               else nullif(t.options -> 'enqueuedInput', 'null') end) is not distinct from input as same
        into holder from lovage.task t where t.idempotency_key = idempotency_key;
      if found and holder.same then
        return holder.id;
      elsif found then
        raise exception 'options.idempotencyKey: was used with another task or other input (task %)', holder.id using errcode = 'unique_violation';
      end if;
      select t.id into holder from lovage.task t
       where t.unique_key = unique_key and t.state in ('PENDING','SCHEDULED','QUEUED','STARTED','RETRY');
      if found and options ->> 'onConflict' = 'REJECT' then
        raise exception 'options.uniqueKey: "%" is held by the unfinished task %', unique_key, holder.id using errcode = 'unique_violation';
      elsif found then
        return holder.id;
      end if;
    end loop;
    raise exception 'the keys of this task changed hands 100 times while it was enqueued' using errcode = 'lock_not_available';
  end
  $body$`,
  // It runs with the rights of its owner, so that a caller needs no others. PUBLIC would have the right otherwise.
  `revoke execute on function lovage.enqueue(text, jsonb, jsonb) from public`,
];
