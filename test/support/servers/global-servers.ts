import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { TestProject } from "vitest/node";
import { startPostgres, runSql } from "./postgres-server.ts";
import { startRedis } from "./redis-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
  }
}

/**
 * Vitest's global setup: one PostgreSQL and one Redis for the whole run. Their end is what it
 * returns.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  // One after the other: where both are missing, their installations would fight for apt's lock.
  const redis = started.use(await startRedis());
  const postgres = started.use(await startPostgres());
  project.provide("redisUrl", redis.url);
  project.provide("postgresUrl", postgres.url);
  const servers = started.move();
  return () => servers.disposeAsync();
}

/**
 * Begins the names of all databases that this process makes, for one test file after another.
 */
const databasePrefix = `test_${process.pid}_`;

/** Begins the prefixes that it hands out, and so the names of its connections to Redis. */
const redisPrefix = `test-${process.pid}-`;

/**
 * A new database on the run's PostgreSQL: a copy of `template`, or an empty one. `drop` also ends
 * the sessions that still use it.
 */
export async function freshDatabase(
  template = "template1",
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  // Vitest has this only in the processes that run test files, and this file is also loaded outside
  // of them.
  const { inject } = await import("vitest");
  const server = inject("postgresUrl");
  const name = `${databasePrefix}${randomUUID().replaceAll("-", "")}`;
  await runSql(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(server);
  url.pathname = name;
  return {
    url: url.href,
    drop: async () => void (await runSql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/**
 * A prefix for the keys of one test file on the run's Redis (`inject("redisUrl")`), without a
 * separator at its end.
 */
export function freshPrefix(): string {
  return `${redisPrefix}${randomUUID().slice(0, 8)}`;
}

/**
 * One line for each session and each database that the test files of this process left on the
 * run's PostgreSQL.
 */
export async function databaseLeaks(server: string): Promise<string[]> {
  const pattern = `'${databasePrefix.replaceAll("_", "\\_")}%'`;
  const rows = await runSql<{ line: string }>(
    server,
    `select format('a session of %s: %s, %s, %s', datname, application_name, state, left(query, 200)) as line
       from pg_stat_activity where datname like ${pattern}
     union all select format('the database %s', datname) from pg_database where datname like ${pattern}`,
  );
  return rows.map(({ line }) => line);
}

/** One line for each connection that the test files of this process left on the run's Redis. */
export async function redisLeaks(server: string): Promise<string[]> {
  const redis = new Redis(server);
  try {
    const clients = String(await redis.client("LIST")).split("\n");
    const left = clients.filter((client) => client.includes(` name=${redisPrefix}`));
    return left.map(
      (client) => `a connection to Redis: ${/name=\S*/.exec(client)![0]} ${/cmd=\S*/.exec(client)?.[0]}`,
    );
  } finally {
    redis.disconnect();
  }
}
