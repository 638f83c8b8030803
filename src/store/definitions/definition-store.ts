import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Sql } from "../connection/sql.ts";

/** A definition as `lovage.enqueue` and the check of contracts need it. */
export interface StoredDefinition {
  readonly name: string;
  /** The row of a task without options. */
  readonly template: { readonly [column: string]: Json };
  /** Why SQL cannot make its tasks; null where it can. */
  readonly refusal: string | null;
  readonly inputSchema: JsonObject | null;
  readonly outputSchema: JsonObject | null;
}

export type StoredSchemas = Pick<StoredDefinition, "name" | "inputSchema" | "outputSchema">;

/** Locks rows in the order of their names, and only those that change. */
const STORE = `
  insert into lovage.definition as d (name, template, refusal, input_schema, output_schema)
  select x.name, x.template, x.refusal, x."inputSchema", x."outputSchema"
    from json_to_recordset($1::json)
         as x(name text, template jsonb, refusal text, "inputSchema" jsonb, "outputSchema" jsonb)
   order by x.name
  on conflict (name) do update
     set template = excluded.template, refusal = excluded.refusal, input_schema = excluded.input_schema,
         output_schema = excluded.output_schema, updated_at = now()
   where (d.template, d.refusal, d.input_schema, d.output_schema)
         is distinct from (excluded.template, excluded.refusal, excluded.input_schema, excluded.output_schema)`;
const LIST = `
  select d.name, d.input_schema as "inputSchema", d.output_schema as "outputSchema" from lovage.definition d order by d.name`;
const HAS_SCHEMAS = `
  select exists (select from pg_attribute where attrelid = to_regclass('lovage.definition') and attname = 'output_schema') as found`;

/** The definitions of an installation, for enqueues by SQL. Those that were removed from the code stay. */
export class PgDefinitionStore {
  constructor(private readonly sql: Sql) {}

  /** Inserts definitions, or replaces those of the same names. */
  async store(definitions: readonly StoredDefinition[]): Promise<void> {
    if (definitions.length > 0) await this.sql.run(STORE, [JSON.stringify(definitions)]);
  }

  /**
   * Returns the schemas of all definitions, sorted by name. Null if this database does not have the
   * schema of this version.
   */
  async schemas(): Promise<readonly StoredSchemas[] | null> {
    const [row] = await this.sql.run<{ found: boolean }>(HAS_SCHEMAS);
    return row!.found ? this.sql.run<StoredSchemas>(LIST) : null;
  }
}
