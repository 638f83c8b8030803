import { expect, inject, onTestFinished, test } from "vitest";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { silentLogger, type LogFields } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { createApp } from "../../../../src/app/create-app.ts";
import { freshDatabase, freshPrefix } from "../../../support/servers/global-servers.ts";
import { startPgBouncer } from "../../../support/servers/pgbouncer.ts";

async function pooled(settings: Readonly<Record<string, string>> = {}) {
  const fresh = await freshDatabase();
  onTestFinished(() => fresh.drop());
  const bouncer = await startPgBouncer(fresh.url, settings);
  onTestFinished(() => bouncer[Symbol.asyncDispose]());
  return { url: bouncer.url, direct: fresh.url };
}

const double = defineTask({ name: "test.double", run: (input) => Number(input) * 2 });

test("behind PgBouncer in transaction mode, with its own settings, everything works: migrate, enqueue, run", async () => {
  const { url } = await pooled();
  const app = createApp({
    tasks: [double],
    roles: ["worker", "maintenance"],
    config: {
      databaseUrl: url,
      redisUrl: inject("redisUrl"),
      prefix: freshPrefix(),
      migrate: true,
      logLevel: "silent",
    },
  });
  onTestFinished(() => app.stop());
  await app.start();
  const handles = await Promise.all(Array.from({ length: 200 }, (_, index) => app.enqueue(double, index)));
  const results = await Promise.all(handles.map((handle) => handle.result({ timeout: "20s" })));
  expect(results).toEqual(Array.from({ length: 200 }, (_, index) => index * 2));
});

test("limits that PgBouncer refuses are logged once, with the remedy; other sessions do not have them", async () => {
  const { url } = await pooled();
  const warnings: { message: string; fields: LogFields }[] = [];
  const log = {
    ...silentLogger,
    warn: (message: string, fields: LogFields = {}) => void warnings.push({ message, fields }),
  };
  const database = new PgDatabase({ kind: "postgresql", url }, log);
  onTestFinished(() => database.close());
  await database.connect();
  await database.migrate();
  await Promise.all(Array.from({ length: 20 }, () => database.sql.run("select pg_sleep(0.01)")));
  expect(await database.sql.run("show statement_timeout")).toEqual([{ statement_timeout: "0" }]);
  expect(warnings).toEqual([
    {
      message: expect.stringMatching(/pooler refused time limits at login/),
      fields: { remedy: expect.stringMatching(/ALTER ROLE <name> SET statement_timeout = 7000;/) },
    },
  ]);
});

test("straight to PostgreSQL, sessions have their limits from the login on", async () => {
  const fresh = await freshDatabase();
  onTestFinished(() => fresh.drop());
  const database = new PgDatabase({ kind: "postgresql", url: fresh.url }, silentLogger);
  onTestFinished(() => database.close());
  await database.connect();
  expect(await database.sql.run("show statement_timeout")).toEqual([{ statement_timeout: "7s" }]);
});
