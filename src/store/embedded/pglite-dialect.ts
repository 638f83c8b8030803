import type { PGlite } from "@electric-sql/pglite";
import type { Breather } from "../../lib/breather.ts";
import { type DatabaseConnection, type Driver, PGliteAdapter, PGliteDialect, PGliteDriver } from "kysely";
import type { TurnRequest, Turns } from "../connection/turns.ts";

/** What dialects of one PGlite share. */
export interface SharedPGlite {
  readonly pglite: PGlite;
  readonly turns: Turns;
  /** PGlite runs in this thread: statement after statement, nothing else would have its turn. */
  readonly breather: Breather;
}

/** PGlite's one connection, shared with other dialects by turns. */
export class SharedPGliteDialect extends PGliteDialect {
  constructor(
    private readonly shared: SharedPGlite,
    private readonly request: () => TurnRequest,
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
  /** Whose turn it is, where it is one of this driver's. */
  #current: TurnRequest | null = null;

  constructor(
    private readonly shared: SharedPGlite,
    private readonly request: () => TurnRequest,
  ) {
    super({ pglite: shared.pglite });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const request = this.request();
    await this.shared.turns.take(request);
    // With the turn taken: who comes meanwhile waits in the right order.
    await this.shared.breather.pause();
    this.#current = request;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    const request = this.#current!;
    this.#current = null;
    this.shared.turns.release(request);
  }
}
