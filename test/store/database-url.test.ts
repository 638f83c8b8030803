import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { ConfigError, StartError } from "../../src/errors.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { readDatabaseUrl } from "../../src/store/database-url.ts";
import { type DatabaseOptions, PgDatabase } from "../../src/store/pg-database.ts";
import { tempDir } from "../support/temp-dir.ts";

function problemOf(url: string): string {
  try {
    readDatabaseUrl(url);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error(`${url} was taken`);
}

async function failureOf(options: DatabaseOptions): Promise<StartError> {
  const database = new PgDatabase(options, silentLogger);
  onTestFinished(() => database.close());
  const error = await database.connect().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartError);
  return error as StartError;
}

test("a URL that cannot be used names what to correct, and never the password", () => {
  expect(problemOf("postgres://u:p%zz@h/db")).toBe(
    'DATABASE_URL holds a "%" that encodes nothing. Write it as %25.',
  );
  expect(problemOf("postgres://u:secret@h")).toMatch(/^DATABASE_URL names no database\. Add its name/);
  expect(problemOf("postgres://u:secret@h/db?sslmode=prefer")).toBe(
    'DATABASE_URL has the sslmode "prefer". Take one of disable, require, verify-ca, verify-full.',
  );
  expect(problemOf("postgres://u:secret@h/db?sslmode=require&sslrootcert=/no/such.pem")).toMatch(
    /names the sslrootcert "\/no\/such\.pem", which cannot be read \(ENOENT\)/,
  );
});

test("sslmode means what it means to psql", () => {
  const tls = (mode: string) => readDatabaseUrl(`postgres://u@h/db?sslmode=${mode}`).tls;
  expect(readDatabaseUrl("postgres://u@h:1/db")).toMatchObject({ label: "h:1/db", tls: null });
  expect(tls("disable")).toBeNull();
  expect(tls("require")).toMatchObject({ rejectUnauthorized: false });
  expect(tls("verify-ca")).toEqual({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) });
  expect(tls("verify-full")).toEqual({ rejectUnauthorized: true });
});

test("what the URL says reaches the driver decoded, and what it leaves out is left to the driver", () => {
  const connection = (url: string) => readDatabaseUrl(url).connection;
  expect(connection("postgres://ada:p%40ss@db.example:5433/my%20tasks")).toEqual({
    host: "db.example",
    port: 5433,
    user: "ada",
    password: "p@ss",
    database: "my tasks",
  });
  expect(connection("postgres://[::1]/lovage")).toEqual({ host: "::1", database: "lovage" });
  expect(connection("postgres://%2Fvar%2Frun%2Fpostgresql/lovage")).toMatchObject({
    host: "/var/run/postgresql",
  });
});

test("where TLS was asked for, nothing is said in the clear to a server that has none", async () => {
  const failure = await failureOf({ kind: "postgresql", url: `${inject("postgresUrl")}?sslmode=require` });
  expect(failure.exitCode).toBe(78);
  expect(failure.message).toMatch(/offers no TLS, which sslmode in DATABASE_URL asks for/);
});

test("a folder that is a file, and data that are damaged, are told as such", async () => {
  await using folder = await tempDir();
  const file = join(folder.path, "file");
  await writeFile(file, "");
  const isFile = await failureOf({ kind: "embedded", folder: file });
  expect(isFile).toMatchObject({ exitCode: 78 });
  expect(isFile.message).toContain(`cannot use the folder ${file} (EEXIST)`);

  await mkdir(join(folder.path, "old/data"), { recursive: true });
  await writeFile(join(folder.path, "old/data/PG_VERSION"), "9.1");
  const isDamaged = await failureOf({ kind: "embedded", folder: join(folder.path, "old") });
  expect(isDamaged).toMatchObject({ exitCode: 78 });
  expect(isDamaged.message).toMatch(/^The data in .*old cannot be opened: .*LOVAGE_EMBEDDED_DIR/);
});
