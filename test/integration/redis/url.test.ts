import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { ConfigError } from "../../../src/errors.ts";
import { parseRedisUrl } from "../../../src/redis/url.ts";
import { makeCertificates } from "../../support/servers/certificates.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SECRET = "p#ss/w@rd%+:,?";
const ENCODED = encodeURIComponent(SECRET);
const NOBODY = { db: 0, tls: null, username: null, password: null };
const FULL = { rejectUnauthorized: true };

function problemsOf(url: string): readonly string[] {
  try {
    parseRedisUrl(url);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  throw new Error(`${url} was taken`);
}

describe("a URL is parsed", () => {
  const server = (host: string, port = 6379) => ({ kind: "server", address: { host, port } });
  const hosts = (...ports: number[]) => ports.map((port) => ({ host: "h", port }));
  const sentinel = (...ports: number[]) => ({
    ...{ kind: "sentinel", sentinels: hosts(...ports), master: "main", username: null, password: null },
  });

  test.each([
    ["redis://cache", { endpoint: server("cache"), label: "cache:6379" }],
    ["redis://ada@cache:1/", { endpoint: server("cache", 1), username: "ada", label: "cache:1" }],
    [
      `rediss://me:${ENCODED}@[::1]:7000/2`,
      {
        endpoint: server("::1", 7000),
        db: 2,
        tls: FULL,
        username: "me",
        password: SECRET,
        label: "[::1]:7000",
      },
    ],
    [
      "redis+socket:///run/my%20redis.sock",
      { endpoint: { kind: "socket", path: "/run/my redis.sock" }, label: "/run/my redis.sock" },
    ],
    [
      `redis+socket://:${ENCODED}@/run/r.sock?db=3`,
      { endpoint: { kind: "socket", path: "/run/r.sock" }, db: 3, password: SECRET, label: "/run/r.sock" },
    ],
    ["redis+sentinel://h,h:1/main", { endpoint: sentinel(26379, 1), label: "main (sentinels h:26379,h:1)" }],
    [
      `rediss+sentinel://u:${ENCODED}@h:1,h:2,h:3/main/4?sentineluser=s&sentinelpassword=${ENCODED}`,
      {
        endpoint: { ...sentinel(1, 2, 3), username: "s", password: SECRET },
        ...{ db: 4, tls: FULL, username: "u", password: SECRET, label: "main (sentinels h:1,h:2,h:3)" },
      },
    ],
    [
      "redis+sentinel://h/main?sentinelpassword=a+b",
      { endpoint: { ...sentinel(26379), password: "a+b" }, label: "main (sentinels h:26379)" },
    ],
    [
      "redis+cluster://h,h:7001",
      { endpoint: { kind: "cluster", nodes: hosts(6379, 7001) }, label: "h:6379,h:7001" },
    ],
    [
      `rediss+cluster://u:${ENCODED}@h:1/0`,
      {
        endpoint: { kind: "cluster", nodes: hosts(1) },
        tls: FULL,
        username: "u",
        password: SECRET,
        label: "h:1",
      },
    ],
  ])("%s", (url, target) => {
    expect(parseRedisUrl(url)).toEqual({ ...NOBODY, ...target });
  });
});

describe("a URL is refused with the remedy, and without its password", () => {
  test.each([
    [
      "http://user:secret@host",
      "expected a URL that starts with redis://, rediss:// (TLS), redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster:// or redis+socket://, got a string of 23 characters",
    ],
    ["", "got a string of 0 characters"],
    ["unix:///run/redis.sock", "Write it as redis+socket:///path."],
    ["redis://:secret#x@host:1", "Percent-encode / ? # @ : %"],
    ["redis://:secret/x@host:1", "Percent-encode / ? # @ : %"],
    ["redis://:9f/secret@host:1", "Percent-encode / ? # @ : %"],
    ["redis://:secret x@host:1", "Percent-encode / ? # @ : %"],
    ["redis://host:99999", "expected a URL such as redis://user:password@host:6379/0"],
    ["redis://host:0", "expected a URL such as"],
    ["redis://", "names no host. Write it as redis://user:password@host:6379/0."],
    ["redis://one,two", "names several hosts. Write redis+sentinel:// for sentinels"],
    ["redis+cluster://h:1,,h:2", "expected a URL such as"],
    ["redis://host/secretdb", "names a database that is not a number. Write it as a number, such as 0."],
    ["redis+cluster://host/3", "names the database 3; a cluster has only 0"],
    ["redis://host?db=1", "has the parameter db, which Lovage does not read. Write the database as the path"],
    ["redis://host?tls=true", "has the parameter tls, which Lovage does not read. Write rediss:// for TLS"],
    ["redis://host?ssl=1", "has the parameter ssl, which Lovage does not read. Write rediss:// for TLS"],
    ["redis://host?ssl_cert_reqs=required", "has the parameter ssl_cert_reqs, which Lovage does not read."],
    ["redis://host?SSLMODE=require", "has the parameter SSLMODE and no TLS. Begin it with rediss"],
    ["redis://host?password=hidden", "has the parameter password, which Lovage does not read."],
    ["redis://host?hidden", "has a parameter that is not name=value."],
    ["redis+socket:///r.sock?dbs=1", "has the parameter dbs, which means nothing here. It takes db."],
    ["redis+socket:///r.sock?db=1&db=2", "has the parameter db twice. Remove one of them."],
    ["redis://host?sslrootcert=/ca.pem", "has the parameter sslrootcert and no TLS. Begin it with rediss"],
    [
      "rediss://host?SSLMODE=require",
      "has the parameter SSLMODE, which means nothing here. It takes sslmode",
    ],
    ["redis://:sec%ret@host", "Percent-encode / ? # @ : %"],
    ["redis+sentinel://:secret@h", "names no master. Write it as redis+sentinel://user:password@host"],
    ["redis+sentinel://h/main/1/2", "names a database that is not a number"],
    ["redis+socket://:secret@", "names no socket"],
    ["redis+socket://host/r.sock", "names a host and a socket. Write it as redis+socket://"],
    ["rediss://h?sslmode=prefer", "has an sslmode that is not one of require, verify-ca, verify-full."],
    ["rediss://h?sslmode=disable", "has an sslmode that is not one of require, verify-ca, verify-full."],
    [
      "rediss://h?ssl_min_protocol_version=TLSv9",
      "has an ssl_min_protocol_version that is not one of TLSv1,",
    ],
  ])("%s", (url, message) => {
    const text = problemsOf(url).join("\n");
    expect(text).toMatch(/^REDIS_URL/);
    expect(text).toContain(message);
    expect(text).not.toMatch(/secret|sec%ret|hidden/);
  });

  test("with all its mistakes at once", () => {
    expect(problemsOf("rediss://host/x?y=z&sslmode=no&sslcert=/no/such.pem")).toHaveLength(5);
  });
});

test("files for TLS are read at once; a mistake in one is reported by its name", async () => {
  const folder = await tempDir();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const { ca, client, other } = await makeCertificates(folder.path);
  const garbage = join(folder.path, "garbage.pem");
  await writeFile(garbage, "no certificate");
  const url = (parameters: string): string => `rediss://h?${parameters}`;

  const { tls } = parseRedisUrl(
    url(`sslrootcert=${ca}&sslcert=${client.cert}&sslkey=${client.key}&sslmode=verify-ca`),
  );
  expect(tls).toEqual({
    ca: expect.stringContaining("BEGIN CERTIFICATE") as string,
    cert: expect.stringContaining("BEGIN CERTIFICATE") as string,
    key: expect.stringContaining("PRIVATE KEY") as string,
    rejectUnauthorized: true,
    checkServerIdentity: expect.any(Function) as () => undefined,
  });
  expect(parseRedisUrl(url("sslmode=require")).tls).toMatchObject({ rejectUnauthorized: false });
  // As in libpq: an authority that is named is asked.
  expect(parseRedisUrl(url(`sslmode=require&sslrootcert=${ca}`)).tls).toMatchObject({
    rejectUnauthorized: true,
    checkServerIdentity: expect.any(Function) as () => undefined,
  });

  const problem = (parameters: string): string => problemsOf(url(parameters)).join("\n");
  expect(problem("sslrootcert=/no/such.pem")).toBe(
    'REDIS_URL names the sslrootcert "/no/such.pem", which cannot be read (ENOENT). Correct the path.',
  );
  expect(problem(`sslrootcert=${folder.path}`)).toContain("cannot be read (EISDIR)");
  expect(problem(`sslrootcert=${garbage}`)).toContain("does not hold a certificate in PEM form");
  expect(problem(`sslcert=${client.cert}&sslkey=${client.cert}`)).toContain(
    "does not hold a private key in PEM form",
  );
  expect(problem(`sslcert=${client.cert}`)).toContain("has one of sslcert and sslkey; they go together");
  expect(problem(`sslcert=${client.cert}&sslkey=${other.key}`)).toMatch(
    /cannot be used .*certificate with its own key/,
  );
});
