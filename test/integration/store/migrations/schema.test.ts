import { describe, expect, test } from "vitest";
import { DATABASES } from "../../../support/databases.ts";

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly is_nullable: string;
  readonly udt_name: string;
}

/** PostgreSQL's own names of the column types that entities name. */
const TYPES: Readonly<Record<string, string>> = {
  int: "int4",
  smallint: "int2",
  bigint: "int8",
  boolean: "bool",
  "text[]": "_text",
  "smallint[]": "_int2",
  "int[]": "_int4",
};

describe.each(DATABASES)("migrations on $kind", ({ open }) => {
  test("make the columns that the entities describe, and no others", async () => {
    await using opened = await open();
    const { orm, sql } = opened.database;
    const columns = await sql.run<Column>(
      "select table_name, column_name, is_nullable, udt_name from information_schema.columns where table_schema = 'lovage' and table_name <> 'migration'",
    );
    const made = columns.map(
      (column) =>
        `${column.table_name}.${column.column_name} ${column.udt_name} ${column.is_nullable === "YES" ? "null" : "not null"}`,
    );
    const described = [...orm.getMetadata().getAll().values()].flatMap((entity) =>
      entity.props.map((property) => {
        const type = property.columnTypes[0]!;
        return `${entity.tableName}.${property.fieldNames[0]} ${TYPES[type] ?? type} ${property.nullable ? "null" : "not null"}`;
      }),
    );
    expect(made.sort()).toEqual(described.sort());
  });

  test("are applied once, also by two processes at a time", async () => {
    await using opened = await open();
    expect(await opened.database.pendingMigrations()).toEqual([]);
    expect(await Promise.all([opened.database.migrate(), opened.database.migrate()])).toEqual([[], []]);
  });

  test("a database of a newer version is refused, saying so", async () => {
    await using opened = await open();
    await opened.database.sql.run("insert into lovage.migration (name) values ('9999-future')");
    await expect(opened.database.pendingMigrations()).rejects.toThrow(
      /"9999-future".*newer one. Use that version/,
    );
  });
});
