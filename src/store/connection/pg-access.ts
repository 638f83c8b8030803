import type { Sql } from "./sql.ts";

/** Rights that the role of the connection lacks. */
export interface MissingRights {
  readonly role: string;
  /** E.g. `INSERT on lovage.task`. */
  readonly rights: readonly string[];
}

/**
 * The rights that a process of Lovage needs and its role lacks: the use of the schema, the four
 * kinds of statements on each table, and reading of the list of migrations. Identity columns need
 * no right to their sequence. Before the schema exists, nothing is missing.
 */
const MISSING = `
  select current_user as role, needed.what
    from pg_namespace n,
         lateral (
           select 'USAGE on schema lovage' as what where not has_schema_privilege(n.oid, 'USAGE')
           union all
           select p.name || ' on lovage.' || c.relname
             from pg_class c, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as p(name)
            where c.relnamespace = n.oid and c.relkind in ('r', 'p') and not has_table_privilege(c.oid, p.name)
                  and (c.relname <> 'migration' or p.name = 'SELECT')
         ) needed
   where n.nspname = 'lovage'
   order by needed.what`;

/**
 * A write that changes no row: it makes no row version and no WAL. PostgreSQL refuses it like any
 * other write, in a read-only session and on a standby.
 */
const WRITE = `update lovage.setting set value = value where false`;

export async function findMissingRights(sql: Sql): Promise<MissingRights | null> {
  const rows = await sql.run<{ role: string; what: string }>(MISSING);
  return rows[0] ? { role: rows[0].role, rights: rows.map(({ what }) => what) } : null;
}

/** @throws UnavailableError when writes are refused */
export async function tryWrite(sql: Sql): Promise<void> {
  await sql.run(WRITE);
}

const MAX_SHOWN = 8;

/** Returns the problem and its remedy in one line. */
export function describeMissingRights({ role, rights }: MissingRights): string {
  const more = rights.length > MAX_SHOWN ? ` and ${rights.length - MAX_SHOWN} more` : "";
  const name = `"${role.replaceAll('"', '""')}"`;
  return (
    `PostgreSQL role ${name} lacks rights: ${rights.slice(0, MAX_SHOWN).join(", ")}${more}. ` +
    `Run as the owner of the tables: GRANT USAGE ON SCHEMA lovage TO ${name}; ` +
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA lovage TO ${name};`
  );
}
