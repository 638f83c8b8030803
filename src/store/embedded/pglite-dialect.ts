import type { PGlite } from "@electric-sql/pglite";
import type { TimeSlice } from "../../lib/async/event-loop.ts";
import { type DatabaseConnection, type Driver, PGliteAdapter, PGliteDialect, PGliteDriver } from "kysely";
import type { AcquireRequest, Release, Semaphore } from "../../lib/async/semaphore.ts";

/** Parts that the dialects of one PGlite share. */
export interface SharedPGlite {
  readonly pglite: PGlite;
  readonly permits: Semaphore;
  /** Yields between statements: PGlite runs in this thread, and nothing else would run. */
  readonly slice: TimeSlice;
}

/** PGlite's one connection, shared with other dialects. */
export class SharedPGliteDialect extends PGliteDialect {
  constructor(
    private readonly shared: SharedPGlite,
    private readonly request: () => AcquireRequest,
  ) {
    super({ pglite: shared.pglite });
  }

  override createAdapter(): PGliteAdapter {
    return new SharedPGliteAdapter();
  }

  override createDriver(): Driver {
    return new SharedPGliteDriver(this.shared, this.request);
  }
}

/** Disables Kysely's own queue, in which statements would wait before they reach ours. */
class SharedPGliteAdapter extends PGliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SharedPGliteDriver extends PGliteDriver {
  /** Of the connection, where this driver has it. */
  #release: Release | null = null;

  constructor(
    private readonly shared: SharedPGlite,
    private readonly request: () => AcquireRequest,
  ) {
    super({ pglite: shared.pglite });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const release = await this.shared.permits.acquire(this.request());
    // With the permit held: later requests wait in the right order.
    await this.shared.slice.yield();
    this.#release = release;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    const release = this.#release!;
    this.#release = null;
    release();
  }
}
