import { describe, expect, test } from "vitest";
import { DATABASES } from "../../../support/databases.ts";

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly is_nullable: string;
  readonly udt_name: string;
}

/** PostgreSQL's own names of the column types that the entity names. */
const TYPES: Readonly<Record<string, string>> = {
  int: "int4",
  smallint: "int2",
  "text[]": "_text",
};

/**
 * Columns of the tables without an entity: name, PostgreSQL's name of the type, and `?` where null
 * is allowed.
 */
const TABLES: Readonly<Record<string, string>> = {
  control_log: `
    action text, actor text?, at timestamptz, changes jsonb, id int8`,
  definition: `
    input_schema jsonb?, name text, output_schema jsonb?, refusal text?, template jsonb, updated_at timestamptz`,
  limit_turn: `
    limited text, turn text?`,
  queue: `
    concurrency_limit int4?, name text, paused bool, rate_limit text?`,
  schedule: `
    args jsonb, created_at timestamptz, created_by text?, decided_until timestamptz,
    description text?, enabled bool, end_at timestamptz?, former_timings jsonb, id uuid,
    jitter_ms int8?, last_run_at timestamptz?, last_task_id uuid?, max_runs int4?, misfire text,
    name text, next_run_at timestamptz?, next_slot timestamptz?, options jsonb, overlap text,
    problem text?, source text, start_at timestamptz?, task_name text, time_zone text,
    timing jsonb, total_run_count int4, updated_at timestamptz, version int4`,
  schedule_skip: `
    count int4?, first_slot timestamptz, last_slot timestamptz, reason text, schedule_id uuid`,
  setting: `
    key text, value text`,
  task_log: `
    at timestamptz, attempt int4, fields jsonb?, level int2, line int4, message text,
    position int4, task_id uuid, version int4`,
  task_setting: `
    name text, paused bool, rate_limit text?, soft_time_limit_ms int4?, time_limit_ms int4?,
    updated_at timestamptz`,
  task_stat: `
    at timestamptz, count int4, error_message text?, error_type text?, fingerprint text?,
    first_at timestamptz?, id int8, last_at timestamptz?, name text, outcome text, queue text,
    run_buckets _int2?, run_counts _int4?, sample_id uuid?, stage int2, wait_buckets _int2?,
    wait_counts _int4?`,
  worker: `
    autoscale jsonb?, busy int4, concurrency int4, definitions _text, failed int8,
    hostname text, id uuid, last_heartbeat_at timestamptz, load jsonb, name text, pid int4,
    pool_restart text?, processed int8, queues _text, retried int8, shutdown text?,
    started_at timestamptz, status text, succeeded int8, version text`,
  worker_setting: `
    autoscale_max int4?, autoscale_min int4?, concurrency int4?, log_level text?, name text,
    paused bool, queues_added _text, queues_removed _text, updated_at timestamptz`,
};

describe.each(DATABASES)("migrations on $kind", ({ open }) => {
  test("make the columns that the entity Task and the list above describe, and no others", async () => {
    await using opened = await open();
    const { orm, sql } = opened.database;
    const columns = await sql.run<Column>(
      "select table_name, column_name, is_nullable, udt_name from information_schema.columns where table_schema = 'lovage' and table_name <> 'migration'",
    );
    const made = columns.map(
      (column) =>
        `${column.table_name}.${column.column_name} ${column.udt_name}${column.is_nullable === "YES" ? "?" : ""}`,
    );
    const entities = [...orm.getMetadata().getAll().values()].flatMap((entity) =>
      entity.props.map((property) => {
        const type = property.columnTypes[0]!;
        return `${entity.tableName}.${property.fieldNames[0]} ${TYPES[type] ?? type}${property.nullable ? "?" : ""}`;
      }),
    );
    const others = Object.entries(TABLES).flatMap(([table, list]) =>
      list.split(",").map((column) => `${table}.${column.trim()}`),
    );
    expect(made.sort()).toEqual([...entities, ...others].sort());
  });

  test("are applied once, also by two processes at a time", async () => {
    await using opened = await open();
    expect(await opened.database.pendingMigrations()).toEqual([]);
    expect(await Promise.all([opened.database.migrate(), opened.database.migrate()])).toEqual([[], []]);
  });

  test("a database of a newer version is refused with this reason", async () => {
    await using opened = await open();
    await opened.database.sql.run("insert into lovage.migration (name) values ('9999-future')");
    await expect(opened.database.pendingMigrations()).rejects.toThrow(
      /"9999-future".*newer one. Use that version/,
    );
  });
});
