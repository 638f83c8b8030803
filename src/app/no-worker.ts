import type { Config } from "../config/config.ts";
import type { Logger } from "../lib/log.ts";

/** Warns if an app without a worker uses the embedded database: no other process can open it to run the tasks. */
export function warnOfNoWorker(
  { databaseUrl, embeddedDir }: Config,
  roles: ReadonlySet<string>,
  log: Logger,
): void {
  if (databaseUrl !== null || roles.has("worker")) return;
  log.warn(
    "This app has no worker, and the embedded database serves one process: tasks wait until an app with a worker opens the same folder. " +
      'Add "worker" to roles, or set DATABASE_URL and REDIS_URL to run workers in other processes.',
    { folder: embeddedDir },
  );
}
