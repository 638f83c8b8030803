import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Sql } from "../connection/sql.ts";

/** A definition as `lovage.enqueue` needs it. */
export interface StoredDefinition {
  readonly name: string;
  /** The row of a task without options. */
  readonly template: { readonly [column: string]: Json };
  /** Why SQL cannot make its tasks; null where it can. */
  readonly refusal: string | null;
  readonly inputSchema: JsonObject | null;
}

/** Locks rows in the order of their names, and only those that change. */
const STORE = `
  insert into lovage.definition as d (name, template, refusal, input_schema)
  select x.name, x.template, x.refusal, x."inputSchema"
    from json_to_recordset($1::json) as x(name text, template jsonb, refusal text, "inputSchema" jsonb)
   order by x.name
  on conflict (name) do update
     set template = excluded.template, refusal = excluded.refusal, input_schema = excluded.input_schema, updated_at = now()
   where (d.template, d.refusal, d.input_schema) is distinct from (excluded.template, excluded.refusal, excluded.input_schema)`;

/** The definitions of an installation, for enqueues by SQL. Those that were removed from the code stay. */
export class PgDefinitionStore {
  constructor(private readonly sql: Sql) {}

  /** Inserts definitions, or replaces those of the same names. */
  async store(definitions: readonly StoredDefinition[]): Promise<void> {
    if (definitions.length > 0) await this.sql.run(STORE, [JSON.stringify(definitions)]);
  }
}
