import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { ConfigError, StartError } from "../../../../src/errors.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { readDatabaseUrl } from "../../../../src/store/connection/database-url.ts";
import { type DatabaseOptions, PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { tempDir } from "../../../support/temp-dir.ts";

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

test("a URL that cannot be used is refused with the part to correct, and never with the password", () => {
  expect(problemOf("postgres://u:secret@h")).toMatch(/^DATABASE_URL names no database\. Add its name/);
  expect(problemOf("postgres://u:secret@h/db?sslmode=require&sslrootcert=/no/such.pem")).toMatch(
    /names the sslrootcert "\/no\/such\.pem", which cannot be read \(ENOENT\)/,
  );
  expect(problemOf("postgres://u:secret@h:1/db?port=2&dbname=x")).toBe(
    'DATABASE_URL names the port twice: before the "?" and as a parameter. Remove one of them.\n' +
      'DATABASE_URL names the dbname twice: before the "?" and as a parameter. Remove one of them.',
  );
});

test.each(["p%zz", "/secret", "a/secret", "a?secret", "1#secret", "a secret", "a\nsecret", "1/x?y@secret"])(
  "a URL with the password %j is not guessed at, and its content is not shown",
  (password) => {
    expect(problemOf(`postgres://u:${password}@h/db`)).toMatch(
      /^DATABASE_URL: expected a URL such as postgres:\/\/user:password@host:5432\/name, got a string of \d+ characters\. Percent-encode \/ \? # @ : %[^\n]*%40 for @\.$/,
    );
  },
);

const FULL = { rejectUnauthorized: true };
const ANY_NAME = { ...FULL, checkServerIdentity: expect.any(Function) as unknown };
const ANY_SERVER = { ...ANY_NAME, rejectUnauthorized: false };

test.each<[parameters: string, tls: unknown]>([
  ["", null],
  ["sslmode=disable", null],
  ["sslmode=require", ANY_SERVER],
  ["ssl=true", ANY_SERVER],
  ["ssl=true&sslmode=verify-full", FULL],
  ["sslmode=verify-ca", ANY_NAME],
  ["sslmode=verify-full", FULL],
  ["sslmode=verify-full&sslsni=1&sslcompression=0&gssencmode=disable", FULL],
  ["sslmode=require&ssl_min_protocol_version=TLSv1.3", { ...ANY_SERVER, minVersion: "TLSv1.3" }],
  ["sslrootcert=system", { ...FULL, ca: expect.any(Array) as unknown }],
])("%s means what it means to psql", (parameters, tls) => {
  expect(readDatabaseUrl(`postgres://u@h:1/db?${parameters}`)).toMatchObject({ label: "h:1/db", tls });
});

test("a mistake is reported once", () => {
  expect(() => readDatabaseUrl("postgres://u@h:1/db?ssl=1")).toThrow(
    expect.objectContaining({ problems: [expect.stringContaining("has an ssl that is not true.")] }),
  );
});

test.each(["u%00@h/db", "u:p%00q@h/db", "u@h%00/db", "u@h/d%00b", "u@h/db?application_name=%00"])(
  "%s is not a URL: PostgreSQL would end the value at U+0000",
  (rest) => {
    expect(() => readDatabaseUrl(`postgres://${rest}`)).toThrow(/expected a URL such as/);
  },
);

test.each([
  // Each of them would be a connection in the clear if it were passed over.
  ["ssl=1", "has an ssl that is not true. Write sslmode=verify-full"],
  ["ssl=true&sslmode=disable", "has ssl and no TLS. Write sslmode=verify-full"],
  ["tls=true", "has the parameter tls, which Lovage does not read. Write sslmode=verify-full"],
  ["SSLMODE=require", "has the parameter SSLMODE, which is not one of PostgreSQL's. Did you mean sslmode?"],
  ["sslmode=REQUIRE", "has an sslmode that is not one of disable, require, verify-ca, verify-full."],
  ["sslmode=prefer", "has the sslmode prefer, which goes on in the clear where TLS fails."],
  ["sslmode=allow", "has the sslmode allow, which goes on in the clear where TLS fails."],
  ["sslmode=disable&sslmode=require", "has the parameter sslmode twice. Remove one of them."],
  ["sslrootcert=/ca.pem", "has sslrootcert and no TLS. Write sslmode=verify-full"],
  ["sslcert=/a&sslkey=/b", "has sslcert, sslkey and no TLS."],
  ["sslmode=require&sslrootcert=system", "has sslrootcert=system, which needs sslmode=verify-full."],
  ["sslnegotiation=direct", "has sslnegotiation=direct and no TLS."],
  ["channel_binding=require", "has channel_binding=require and no TLS."],
  ["channel_binding=yes", "has a channel_binding that is not one of disable, prefer, require."],
  ["requiressl=1", "has the parameter requiressl, which Lovage does not read. Write sslmode=verify-full"],
  ["sslmode=require&sslcompression=1", "has a sslcompression that is not 0: TLS is not compressed."],
  ["gssencmode=require", "has a gssencmode that is not disable or prefer:"],
  ["sslcrldir=/d", "has the parameter sslcrldir, which Lovage does not read. Name one file with sslcrl."],
  // These change where it connects, or as whom, or what a session is.
  [
    "target_session_attrs=read-write",
    "has a target_session_attrs that is not any: Lovage connects to one host;",
  ],
  ["load_balance_hosts=random", "has a load_balance_hosts that is not disable:"],
  [
    "hostaddr=10.0.0.1",
    "has the parameter hostaddr, which Lovage does not read. Write the address as the host.",
  ],
  ["host=other", "names the host twice"],
  ["service=main", "has the parameter service, which Lovage does not read."],
  ["passfile=/p", "has the parameter passfile, which Lovage does not read."],
  ["require_auth=none", "has the parameter require_auth, which Lovage does not read."],
  ["keepalives=0", "has a keepalives that is not 1:"],
  ["keepalives_idle=5", "has the parameter keepalives_idle, which Lovage does not read."],
  ["connect_timeout=60", "has a connect_timeout that is not an integer from 1 to 8 (seconds)"],
  ["client_encoding=LATIN1", "has a client_encoding that is not UTF8"],
  ["replication=database", "has a replication that is not false"],
  ["pgbouncer=true", "has the parameter pgbouncer, which is not one of PostgreSQL's. Remove it."],
  ["application_nam=x", "Did you mean application_name?"],
  ["secret", "has a parameter that is not name=value."],
])("%s is refused by name, and not passed over", (parameters, problem) => {
  const text = problemOf(`postgres://u:secret@h/db?${parameters}`);
  expect(text).toContain(`DATABASE_URL ${problem.startsWith("Did") ? "has" : problem}`);
  expect(text).toContain(problem);
  expect(text).not.toContain("secret");
});

test("several hosts are refused, and not all but the first passed over", () => {
  expect(problemOf("postgres://u@h1:1,h2:2/db")).toMatch(
    /names several hosts\. Name one that always is the primary/,
  );
  expect(problemOf("postgres:///db?host=h1,h2")).toMatch(/names several hosts/);
});

test("variables that ask libpq for TLS do so here, by the same rules", () => {
  const tls = (parameters: string, env: Record<string, string>) =>
    readDatabaseUrl(`postgres://u@h/db?${parameters}`, "DATABASE_URL", env).tls;
  expect(tls("", { PGSSLMODE: "require" })).toMatchObject({ rejectUnauthorized: false });
  expect(tls("sslmode=verify-full", { PGSSLMODE: "disable" })).toEqual({ ...FULL, host: "h" });
  expect(tls("sslmode=disable", { PGSSLMODE: "require" })).toBeNull();
  expect(() => tls("", { PGSSLMODE: "allow" })).toThrow("has the sslmode allow (of PGSSLMODE)");
  expect(() => tls("", { PGSSLMODE: "yes" })).toThrow("has an sslmode (of PGSSLMODE) that is not one of");
});

test("parts of the URL reach the driver decoded, and missing parts are left to the driver", () => {
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
  expect(connection("postgresql:///?host=/run/pg&port=6000&user=a&password=b+c&dbname=d")).toEqual({
    host: "/run/pg",
    port: 6000,
    user: "a",
    password: "b+c",
    database: "d",
  });
  expect(
    connection(
      "postgres://h/db?options=-c%20search_path%3Da&application_name=shop&fallback_application_name=x&client_encoding=UTF8&keepalives=1&target_session_attrs=any",
    ),
  ).toEqual({ host: "h", database: "db", options: "-c search_path=a", application_name: "shop" });
  expect(readDatabaseUrl("postgres://h/db?connect_timeout=5").connectMs).toBe(5_000);
  expect(connection("postgres://h/db?sslmode=require&sslnegotiation=direct&channel_binding=prefer")).toEqual({
    host: "h",
    database: "db",
    sslnegotiation: "direct",
    enableChannelBinding: true,
  });
});

test("where TLS is required, nothing is sent unencrypted to a server without it", async () => {
  const failure = await failureOf({ kind: "postgresql", url: `${inject("postgresUrl")}?sslmode=require` });
  expect(failure.exitCode).toBe(78);
  expect(failure.message).toMatch(/offers no TLS, which sslmode in DATABASE_URL asks for/);
});

test("a folder that is a file, and damaged data, are reported as such", async () => {
  await using folder = await tempDir();
  const file = join(folder.path, "file");
  await writeFile(file, "");
  const isFile = await failureOf({ kind: "embedded", folder: file });
  expect(isFile).toMatchObject({ exitCode: 78 });
  expect(isFile.message).toContain(`cannot use the folder ${file} (ENOTDIR)`);

  await mkdir(join(folder.path, "old/data"), { recursive: true });
  await writeFile(join(folder.path, "old/data/PG_VERSION"), "9.1");
  const isDamaged = await failureOf({ kind: "embedded", folder: join(folder.path, "old") });
  expect(isDamaged).toMatchObject({ exitCode: 78 });
  expect(isDamaged.message).toMatch(/^The data in .*old cannot be opened: .*LOVAGE_EMBEDDED_DIR/);
});
