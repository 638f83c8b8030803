import { statfsSync } from "node:fs";
import { UnavailableError } from "../../errors.ts";
import { MIB } from "../../lib/bytes.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { Sql } from "../connection/sql.ts";

/**
 * Room for the outcomes of accepted tasks and for PostgreSQL's WAL. Without it PostgreSQL ends
 * itself.
 */
const FLOOR = 64 * MIB;
const RETRY_MS = 10_000;

/**
 * Throws UnavailableError with the figures while less than 64 MiB are free: new tasks would fill
 * the disk of the embedded database.
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
      "tasks that were accepted before run on. Free space there, or set DATABASE_URL and REDIS_URL.",
  });
}

/** Null if the system does not report it. */
function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

const EVERY_MS = 10_000;
/** A start after a crash reads this much WAL in about a second. */
const MAX_WAL = 64 * MIB;
const WAL_SINCE_CHECKPOINT =
  "select (pg_current_wal_lsn() - redo_lsn)::float8 as bytes from pg_control_checkpoint()";

/**
 * Makes checkpoints, so that the embedded database drops WAL that it no longer needs. PostgreSQL
 * has a process for that, which PGlite does not run: without checkpoints the WAL grows until the
 * disk is full, and a start after a crash reads all of it.
 */
export class Checkpointer {
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly sql: () => Sql,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#turn().then(() => {
        if (this.#timer !== null) this.start();
      });
    }, EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  async #turn(): Promise<void> {
    try {
      const [wal] = await this.sql().run<{ bytes: number }>(WAL_SINCE_CHECKPOINT);
      if (wal!.bytes > MAX_WAL) await this.sql().run("checkpoint");
    } catch (error) {
      this.log.warn("Checkpoint of the embedded database failed, will be retried", { err: error });
    }
  }
}
