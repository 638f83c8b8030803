import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { startChild } from "../../support/child.ts";
import { runSql } from "../../support/servers/postgres-server.ts";

/** The built package. */
export const DIST = process.env.LOVAGE_DIST ?? fileURLToPath(new URL("../../../dist", import.meta.url));
export const CLI = `${DIST}/cli.js`;

declare module "vitest" {
  export interface ProvidedContext {
    /** The name of a migrated database on the run's PostgreSQL, to be copied. */
    migratedDatabase: string;
  }
}

/** Vitest's global setup of the fault tests: most of their clusters start with a migrated database. */
export async function setup(project: TestProject): Promise<void> {
  const name = "migrated";
  const server = project.getProvidedContext().postgresUrl;
  await runSql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  await migrate({ DATABASE_URL: url.href });
  project.provide("migratedDatabase", name);
}

/** Runs `lovage migrate` to its end. */
export async function migrate(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  await using child = await startChild(process.execPath, [CLI, "migrate"], { env, name: "migrate" });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The migration failed: ${child.output}`);
}
