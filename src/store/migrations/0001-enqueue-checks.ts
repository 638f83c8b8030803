import { INPUT_LIMITS } from "../../lib/json/json.ts";

const DURATION = `'a duration such as "90s", "5m", "1d", "PT1H30M", or whole milliseconds'`;

/** From here on numbers are infinite in JavaScript. */
const TOO_LARGE = "1.797693134862315808e308";

/** Functions by which `lovage.enqueue` reads and refuses what it is given. */
export const CHECKS = [
  `create function lovage.refuse(path text, rule text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $body$
  begin
    raise exception '%: %', path, rule using errcode = 'invalid_parameter_value';
  end
  $body$`,

  // A name or a value of a caller, short enough for a message.
  `create function lovage.shorten(value text) returns text language sql immutable set search_path = pg_catalog, pg_temp as $body$
    select case when length(value) > 100 then left(value, 99) || '…' else value end
  $body$`,

  // Returns milliseconds, rounded as parseDuration does; null without a value.
  `create function lovage.read_duration(path text, value jsonb, above_zero boolean, most bigint) returns bigint
     language plpgsql immutable set search_path = pg_catalog, pg_temp as $body$
  declare
    text_ text := trim(value #>> '{}');
    parts text[];
    ms numeric;
  begin
    if value is null then
      return null;
    end if;
    if length(text_) > 100 then
      ms := null; -- Longer digits exceed what numeric can hold.
    elsif text_ ~ '^\\d{1,15}$' and jsonb_typeof(value) in ('string','number') then
      ms := text_::numeric;
    elsif jsonb_typeof(value) = 'string' then
      parts := regexp_match(text_, '^(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d|w)$');
      if parts is not null then
        ms := parts[1]::numeric * case parts[2] when 'ms' then 1 when 's' then 1000 when 'm' then 60000 when 'h' then 3600000
                                                when 'd' then 86400000 else 604800000 end;
      elsif text_ ~ '\\d' and text_ !~ 'T$' then
        parts := regexp_match(text_, '^P(?:(\\d+(?:\\.\\d+)?)W)?(?:(\\d+(?:\\.\\d+)?)D)?(?:T(?:(\\d+(?:\\.\\d+)?)H)?(?:(\\d+(?:\\.\\d+)?)M)?(?:(\\d+(?:\\.\\d+)?)S)?)?$');
        if parts is not null then
          ms := coalesce(parts[1]::numeric, 0) * 604800000 + coalesce(parts[2]::numeric, 0) * 86400000
                + coalesce(parts[3]::numeric, 0) * 3600000 + coalesce(parts[4]::numeric, 0) * 60000 + coalesce(parts[5]::numeric, 0) * 1000;
        end if;
      end if;
    end if;
    if ms is null then
      perform lovage.refuse(path, format('must be %s, got %s', ${DURATION}, lovage.shorten(value::text)));
    elsif round(ms) > most then
      perform lovage.refuse(path, format('must be at most %s days, got %s', most / 86400000, lovage.shorten(value::text)));
    elsif above_zero and round(ms) = 0 then
      perform lovage.refuse(path, 'must be above zero');
    end if;
    return round(ms);
  end
  $body$`,

  // Raises where a value has what no input may have: INPUT_LIMITS, and numbers that JavaScript reads as infinite.
  `create function lovage.check_limits(path text, value jsonb) returns void
     language plpgsql immutable set search_path = pg_catalog, pg_temp as $body$
  begin
    if jsonb_path_exists(value, 'strict $.**{${INPUT_LIMITS.maxDepth}} ? (@.type() == "object" || @.type() == "array")') then
      perform lovage.refuse(path, 'is nested more than ${INPUT_LIMITS.maxDepth} deep');
    elsif jsonb_path_exists(value, 'strict $.** ? (@.type() == "number" && (@ >= ${TOO_LARGE} || @ <= -${TOO_LARGE}))') then
      perform lovage.refuse(path, 'must have only numbers from -1.7976931348623157e308 to 1.7976931348623157e308');
    end if;
  end
  $body$`,

  // Raises where a value does not fit a part of JSON Schema that is simple to check: type, enum, const, required, properties,
  // additionalProperties false, items. Everything else is left to the run.
  `create function lovage.check_schema(path text, schema jsonb, value jsonb) returns void
     language plpgsql immutable set search_path = pg_catalog, pg_temp as $body$
  declare
    kind text := jsonb_typeof(value);
    types jsonb := case jsonb_typeof(schema -> 'type') when 'string' then jsonb_build_array(schema -> 'type') else schema -> 'type' end;
    item record;
  begin
    if jsonb_typeof(schema) <> 'object' then
      return;
    end if;
    if jsonb_typeof(types) = 'array' and not (types ? kind or kind = 'number' and types ? 'integer' and value::numeric = trunc(value::numeric)) then
      perform lovage.refuse(path, format('must be of type %s, got %s', (select string_agg(t, ' or ') from jsonb_array_elements_text(types) t), lovage.shorten(value::text)));
    end if;
    if schema ? 'const' and schema -> 'const' <> value or jsonb_typeof(schema -> 'enum') = 'array' and not schema -> 'enum' @> jsonb_build_array(value) then
      perform lovage.refuse(path, format('must be %s, got %s', coalesce('one of ' || (schema -> 'enum')::text, (schema -> 'const')::text), lovage.shorten(value::text)));
    end if;
    if kind = 'object' then
      for item in select key from jsonb_array_elements_text(case jsonb_typeof(schema -> 'required') when 'array' then schema -> 'required' else '[]' end) as r(key)
                   where not value ? key loop
        perform lovage.refuse(path || '.' || lovage.shorten(item.key), 'is required');
      end loop;
      for item in select e.key, e.value from jsonb_each(value) e loop
        if schema -> 'properties' ? item.key then
          perform lovage.check_schema(path || '.' || lovage.shorten(item.key), schema -> 'properties' -> item.key, item.value);
        elsif jsonb_typeof(schema -> 'properties') = 'object' and coalesce(schema -> 'additionalProperties', 'false') = 'false'
              and not schema ? 'patternProperties' then
          perform lovage.refuse(path || '.' || lovage.shorten(item.key), format('is not allowed. Allowed: %s', (select string_agg(k, ', ') from jsonb_object_keys(schema -> 'properties') k)));
        end if;
      end loop;
    elsif kind = 'array' and jsonb_typeof(schema -> 'items') = 'object' and not schema ? 'prefixItems' then
      for item in select e.value, e.nr - 1 as nr from jsonb_array_elements(value) with ordinality as e(value, nr) loop
        perform lovage.check_schema(path || '.' || item.nr, schema -> 'items', item.value);
      end loop;
    end if;
  end
  $body$`,
];
