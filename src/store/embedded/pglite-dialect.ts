import type { PGlite } from "@electric-sql/pglite";
import type { TimeSlice } from "../../lib/event-loop.ts";
import { type DatabaseConnection, type Driver, PGliteAdapter, PGliteDialect, PGliteDriver } from "kysely";
import type { PermitRequest, Release, Semaphore } from "../../lib/semaphore.ts";

/** What dialects of one PGlite share. */
export interface SharedPGlite {
  readonly pglite: PGlite;
  readonly permits: Semaphore;
  /** PGlite runs in this thread: statement after statement, nothing else would have its turn. */
  readonly slice: TimeSlice;
}

/** PGlite's one connection, shared with other dialects. */
export class SharedPGliteDialect extends PGliteDialect {
  constructor(
    private readonly shared: SharedPGlite,
    private readonly request: () => PermitRequest,
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

/** Without the queue of Kysely's own, in which statements would wait before they come to ours. */
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
    private readonly request: () => PermitRequest,
  ) {
    super({ pglite: shared.pglite });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const release = await this.shared.permits.acquire(this.request());
    // With the permit held: whoever comes meanwhile waits in the right order.
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
