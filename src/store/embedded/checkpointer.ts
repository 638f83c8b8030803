import type { Logger } from "../../lib/log.ts";
import { MIB } from "../../lib/bytes.ts";
import type { Sql } from "../connection/sql.ts";

const EVERY_MS = 10_000;
/** A start that follows a crash reads so much WAL: that takes about a second. */
const MAX_WAL = 64 * MIB;
const WAL_SINCE_CHECKPOINT =
  "select (pg_current_wal_lsn() - redo_lsn)::float8 as bytes from pg_control_checkpoint()";

/**
 * Lets the embedded database drop WAL that it needs no more. PostgreSQL has a process for that, which PGlite does not run: between a start
 * and a stop the WAL would grow until the disk is full, and a start after a crash would read all of it.
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
      this.log.warn("The checkpoint of the embedded database failed; it is tried again", { err: error });
    }
  }
}
