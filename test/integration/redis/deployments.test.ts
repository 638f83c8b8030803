import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { type Certificates, makeCertificates } from "../../support/servers/certificates.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis-server.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";

let folder: TempDir;
let certificates: Certificates;
let server: RedisServer;
let tlsPort: number;
let socket: string;

beforeAll(async () => {
  folder = await tempDir();
  certificates = await makeCertificates(folder.path);
  tlsPort = await freePort();
  socket = join(folder.path, "redis.sock");
  const { ca, server: own } = certificates;
  server = await startRedis({
    args: [
      ...["--tls-port", String(tlsPort), "--tls-auth-clients", "yes", "--tls-ca-cert-file", ca],
      ...["--tls-cert-file", own.cert, "--tls-key-file", own.key, "--unixsocket", socket],
    ],
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function connectionsTo(url: string): RedisConnections {
  const connections = new RedisConnections({ url, log: silentLogger });
  onTestFinished(() => connections.close());
  return connections;
}

async function ping(connections: RedisConnections): Promise<string> {
  await connections.connect();
  const blocking = connections.blocking("test", "key", 1_000);
  return `${await connections.run("key", (redis) => redis.ping())} ${await blocking.ping()}`;
}

test("TLS with a private certificate, checked against a private authority", async () => {
  const { ca, client, other } = certificates;
  const url = (host: string, pair: { cert: string; key: string }, more = ""): string =>
    `rediss://${host}:${tlsPort}?sslrootcert=${ca}&sslcert=${pair.cert}&sslkey=${pair.key}${more}`;
  expect(await ping(connectionsTo(url("127.0.0.1", client)))).toBe("PONG PONG");
  // The certificate is for 127.0.0.1 alone.
  await expect(ping(connectionsTo(url("localhost", client)))).rejects.toThrow(/ERR_TLS_CERT_ALTNAME_INVALID/);
  expect(await ping(connectionsTo(url("localhost", client, "&sslmode=verify-ca")))).toBe("PONG PONG");
  await expect(ping(connectionsTo(url("127.0.0.1", other)))).rejects.toThrow(
    /Cannot reach Redis at 127\.0\.0\.1/,
  );
});

test("TLS without an authority that knows the server is refused, unless asked for", async () => {
  const { client } = certificates;
  const url = `rediss://127.0.0.1:${tlsPort}?sslcert=${client.cert}&sslkey=${client.key}`;
  await expect(ping(connectionsTo(url))).rejects.toThrow(/\(.*CERT.*\)|\(.*SIGNATURE.*\)/);
  expect(await ping(connectionsTo(`${url}&sslmode=require`))).toBe("PONG PONG");
});

test("a socket of this machine, with a database", async () => {
  const connections = connectionsTo(`redis+socket://${socket}?db=2`);
  expect(await ping(connections)).toBe("PONG PONG");
  await connections.run("key", (redis) => redis.set("key", "value"));
  expect(await connections.run("key", (redis) => redis.info("keyspace"))).toContain("db2:keys=1");
  await expect(connectionsTo(`redis+socket://${folder.path}/none.sock`).connect()).rejects.toThrow(
    /Cannot reach Redis at .*none\.sock \(ENOENT\)/,
  );
});
