import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { StartError } from "../../../../src/errors.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";

/** A database of a server of many encodings. */
async function databaseWith(encoding: string): Promise<string> {
  const server = inject("postgresUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  onTestFinished(async () => {
    await client.query(`drop database ${name} with (force)`);
    await client.end();
  });
  await client.query(
    `create database ${name} encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`,
  );
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

async function open(url: string): Promise<PgDatabase> {
  const database = new PgDatabase({ kind: "postgresql", url }, silentLogger);
  onTestFinished(() => database.close());
  await database.connect();
  return database;
}

test.each(["LATIN1", "SQL_ASCII", "EUC_JP"])(
  "a database in %s is refused, with the remedy",
  async (encoding) => {
    const url = await databaseWith(encoding);
    const error = await open(url).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({ exitCode: 78 });
    expect(String(error)).toContain(`has the encoding ${encoding}`);
    expect(String(error)).toContain("CREATE DATABASE name ENCODING 'UTF8'");
  },
);

test("the remedy works: one in UTF-8 can be migrated, whatever its collation", async () => {
  const database = await open(await databaseWith("UTF8"));
  expect(await database.migrate()).not.toEqual([]);
});
