import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startPostgres, runSql } from "./postgres-server.ts";
import { startRedis } from "./redis-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
  }
}

/** Vitest's global setup: one PostgreSQL and one Redis for the whole run. Their end is what it returns. */
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

/** A new empty database on the run's PostgreSQL. `drop` also ends the sessions that still use it. */
export async function freshDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  // Vitest has this only in the processes that run test files, and this file is also loaded outside of them.
  const { inject } = await import("vitest");
  const server = inject("postgresUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runSql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return {
    url: url.href,
    drop: async () => void (await runSql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** A prefix for the keys of one test file on the run's Redis (`inject("redisUrl")`), without a separator at its end. */
export function freshPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}
