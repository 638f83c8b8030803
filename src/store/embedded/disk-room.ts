import { statfsSync } from "node:fs";
import { UnavailableError } from "../../errors.ts";
import { MIB } from "../../lib/bytes.ts";

/** What stays free for the outcomes of accepted tasks and for PostgreSQL's WAL: without room for that, PostgreSQL ends itself. */
const FLOOR = 64 * MIB;
const RETRY_MS = 10_000;

/**
 * Refuses what would fill the disk of the embedded database.
 *
 * @throws UnavailableError with the figures, while less than 64 MiB are free
 */
export function checkDiskRoom(folder: string, floor = FLOOR): void {
  const free = freeBytes(folder);
  if (free === null || free >= floor) return;
  const mib = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
  throw new UnavailableError("database", {
    reason: "SERVER_ERROR",
    retryAfterMs: RETRY_MS,
    message:
      `The disk of the embedded database is almost full: expected ${mib(floor)} free in ${folder}, got ${mib(free)}. Nothing was enqueued; ` +
      "what was accepted before goes on. Free space there, or set DATABASE_URL and REDIS_URL.",
  });
}

/** Null where the system does not say. */
function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
