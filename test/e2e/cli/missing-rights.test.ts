import { randomUUID } from "node:crypto";
import { inject, expect, onTestFinished, test } from "vitest";
import { PgDatabase } from "../../../src/store/connection/pg-database.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { freshDatabase, freshPrefix } from "../../support/servers/global-servers.ts";
import { runSql } from "../../support/servers/postgres-server.ts";
import { project } from "../../support/project.ts";

/** A migrated database, and a role of its own that has what `grant` gives it. */
async function withRole(grant: (role: string) => string) {
  const fresh = await freshDatabase();
  const role = `poor_${randomUUID().slice(0, 8)}`;
  onTestFinished(async () => {
    await fresh.drop();
    await runSql(inject("postgresUrl"), `drop role ${role}`);
  });
  const database = new PgDatabase({ kind: "postgresql", url: fresh.url }, silentLogger);
  await database.connect();
  await database.migrate();
  await database.close();
  await runSql(fresh.url, `create role ${role} login; ${grant(role)}`);
  const url = new URL(fresh.url);
  url.username = role;
  const env = { DATABASE_URL: url.href, REDIS_URL: inject("redisUrl"), LOVAGE_PREFIX: freshPrefix() };
  return { env, role, owner: fresh.url };
}

const ALL = (role: string): string =>
  `grant usage on schema lovage to ${role}; grant select, insert, update, delete on all tables in schema lovage to ${role};`;

test.each([
  {
    what: "no rights at all",
    grant: () => "",
    rights:
      /lacks rights: DELETE on lovage\.control_log, .* and \d+ more\. Run .*GRANT USAGE ON SCHEMA lovage TO "poor_\w+"; GRANT SELECT, /,
  },
  {
    what: "no right to change tasks",
    grant: (role: string) => `${ALL(role)} revoke update, delete on lovage.task from ${role};`,
    rights: /lacks rights: DELETE on lovage\.task, UPDATE on lovage\.task\. Run /,
  },
])(
  "a role with $what: a worker refuses to start, and the doctor names the missing rights",
  async ({ grant, rights }) => {
    const { run } = await project();
    const { env, role, owner } = await withRole(grant);
    const worker = await run(["worker"], env);
    expect(worker.stderr).toMatch(rights);
    expect(worker.exitCode).toBe(77);
    const doctor = await run(["doctor"], env);
    expect(doctor.stdout).toMatch(rights);
    expect(doctor.exitCode).toBe(1);
    for (const output of [worker.stderr, doctor.stdout]) expect(output).not.toMatch(/bug|pending/);
    // What it says is what mends it.
    const remedy = /Run as the owner of the tables: (.*;)/.exec(doctor.stdout)![1]!;
    await runSql(owner, remedy);
    const after = await run(["doctor"], env);
    expect(after.stdout).toMatch(/✔ all migrations are applied/);
    await runSql(owner, `drop owned by ${role}`);
  },
);

test("a role with read-only sessions gets the server's reason and the remedy", async () => {
  const { run } = await project();
  const { env, role, owner } = await withRole(
    (name) => `${ALL(name)} alter role ${name} set default_transaction_read_only = on;`,
  );
  const reason =
    /cannot execute UPDATE in a read-only transaction \(25006\)\. Connect to the primary, or make the role writable: ALTER ROLE/;
  const worker = await run(["worker"], env);
  expect(worker.stderr).toMatch(reason);
  expect(worker.exitCode).toBe(69);
  const doctor = await run(["doctor"], env);
  expect(doctor.stdout).toMatch(reason);
  expect(doctor.exitCode).toBe(1);
  for (const output of [worker.stderr, doctor.stdout]) expect(output).not.toMatch(/bug/);
  await runSql(owner, `drop owned by ${role}`);
});

test("a role that may not create the tables: migrate ends for good, and names the right and the remedy", async () => {
  const { run } = await project();
  const fresh = await freshDatabase();
  const role = `poor_${randomUUID().slice(0, 8)}`;
  onTestFinished(async () => {
    await fresh.drop();
    await runSql(inject("postgresUrl"), `drop role ${role}`);
  });
  await runSql(fresh.url, `create role ${role} login`);
  const url = new URL(fresh.url);
  url.username = role;
  const { stderr, exitCode } = await run(["migrate"], { DATABASE_URL: url.href });
  expect(stderr).toMatch(
    /^✗ PostgreSQL at \S+ denied a migration: permission denied for database test_\w+ \(42501\)\. Run `lovage migrate` as the owner of .* GRANT CREATE ON DATABASE "test_\w+" TO "poor_\w+";/,
  );
  expect(stderr).not.toMatch(/bug|again/);
  expect(exitCode).toBe(77);
});
