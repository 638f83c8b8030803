import { PgDatabase } from "../../src/store/connection/pg-database.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import { freshDatabase } from "./servers/global-servers.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly database: PgDatabase;
}

/** The databases that Lovage runs on, each migrated and empty. */
export const DATABASES: readonly { readonly kind: string; readonly open: () => Promise<TestDatabase> }[] = [
  { kind: "embedded", open: openEmbedded },
  { kind: "postgresql", open: openPostgres },
];

async function openEmbedded(): Promise<TestDatabase> {
  const database = new PgDatabase({ kind: "embedded", folder: null }, silentLogger);
  await database.connect();
  await database.migrate();
  return { database, [Symbol.asyncDispose]: () => database.close() };
}

async function openPostgres(): Promise<TestDatabase> {
  const fresh = await freshDatabase();
  const database = new PgDatabase({ kind: "postgresql", url: fresh.url }, silentLogger);
  await database.connect();
  await database.migrate();
  return {
    database,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await fresh.drop();
    },
  };
}
