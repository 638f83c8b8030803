import { randomUUID } from "node:crypto";
import { appendFile, chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { type Certificates, makeCertificates } from "../../../support/servers/certificates.ts";
import { type PostgresServer, runSql, startPostgres } from "../../../support/servers/postgres-server.ts";
import { type TempDir, tempDir } from "../../../support/temp-dir.ts";

const PASSWORD = `p/?#@:% '"${randomUUID()}`;

let server: PostgresServer;
let folder: TempDir;
let certificates: Certificates;

beforeAll(async () => {
  [server, folder] = await Promise.all([startPostgres(), tempDir()]);
  certificates = await makeCertificates(folder.path);
  const { uid, gid } = await stat(server.dir);
  // The server wants files of its own, which nobody else may read.
  const own = async (path: string, name: string): Promise<string> => {
    const copy = join(server.dir, name);
    await writeFile(copy, await readFile(path), { mode: 0o600 });
    await chown(copy, uid, gid);
    return copy;
  };
  const settings = {
    ssl: "on",
    ssl_cert_file: await own(certificates.server.cert, "server.crt"),
    ssl_key_file: await own(certificates.server.key, "server.key"),
  };
  for (const [name, value] of Object.entries(settings))
    await runSql(server.url, `alter system set ${name} = '${value}'`);
  await runSql(server.url, `create role app login superuser password '${PASSWORD.replaceAll("'", "''")}'`);
  const hba = join(server.dir, "data/pg_hba.conf");
  const rules = await readFile(hba, "utf8");
  await writeFile(hba, "host all app 127.0.0.1/32 scram-sha-256\n");
  await appendFile(hba, rules);
  await server.restart();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** How a session came to be that a URL opens: what the server says of it. */
async function sessionOf(url: string): Promise<{ readonly encrypted: boolean; readonly name: string }> {
  const database = new PgDatabase({ kind: "postgresql", url }, silentLogger);
  onTestFinished(() => database.close());
  await database.connect();
  const [row] = await database.sql.run<{ encrypted: boolean; name: string }>(
    "select ssl as encrypted, current_setting('application_name') as name from pg_stat_ssl where pid = pg_backend_pid()",
  );
  return row!;
}

const urlTo = (host: string, parameters: string, user = "lovage"): string =>
  `postgres://${user}@${host}:${server.port}/postgres?${parameters}`;
const APP = `app:${encodeURIComponent(PASSWORD)}`;

describe("a server with TLS", () => {
  test.each([
    ["", false],
    ["sslmode=disable", false],
    ["sslmode=require", true],
    ["ssl=true", true],
  ])("%j makes an encrypted session: %s", async (parameters, encrypted) => {
    expect(await sessionOf(urlTo("127.0.0.1", parameters))).toEqual({ encrypted, name: "lovage" });
  });

  test("verify-full checks authority and name, verify-ca the authority alone", async () => {
    const ca = `sslrootcert=${encodeURIComponent(certificates.ca)}`;
    const encrypted = expect.objectContaining({ encrypted: true }) as unknown;
    expect(await sessionOf(urlTo("127.0.0.1", `sslmode=verify-full&${ca}`))).toEqual(encrypted);
    // The certificate is for 127.0.0.1 alone.
    await expect(sessionOf(urlTo("localhost", `sslmode=verify-full&${ca}`))).rejects.toThrow(/CERT/);
    expect(await sessionOf(urlTo("localhost", `sslmode=verify-ca&${ca}`))).toEqual(encrypted);
    // As in libpq, `require` with an authority asks that authority.
    const other = `sslrootcert=${encodeURIComponent(certificates.other.cert)}`;
    await expect(sessionOf(urlTo("127.0.0.1", `sslmode=require&${other}`))).rejects.toThrow(/CERT|SIGNATURE/);
    await expect(sessionOf(urlTo("127.0.0.1", "sslmode=verify-full"))).rejects.toThrow(/CERT|SIGNATURE/);
  });

  test("a password with every special character, bound to the session's TLS", async () => {
    const url = urlTo("127.0.0.1", "sslmode=require&channel_binding=require&application_name=shop", APP);
    expect(await sessionOf(url)).toEqual({ encrypted: true, name: "shop" });
  });

  test("a server that does not ask for channel binding is refused where it is required", async () => {
    // The role of the superuser is trusted: the server asks for no password at all.
    const url = urlTo("127.0.0.1", "sslmode=require&channel_binding=require");
    await expect(sessionOf(url)).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringMatching(
        /offers no channel binding, which channel_binding=require asks for/,
      ) as unknown,
    });
  });
});

test("a Unix socket is taken from host=, as in libpq", async () => {
  const socket = encodeURIComponent(server.dir);
  const url = `postgres:///postgres?host=${socket}&port=${server.port}&user=lovage`;
  expect(await sessionOf(url)).toEqual({ encrypted: false, name: "lovage" });
  await expect(sessionOf(`${url}&sslmode=require`)).rejects.toThrow(/names a Unix socket, which has none/);
});
