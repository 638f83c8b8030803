import type { PGlite } from "@electric-sql/pglite";
import { type DatabaseConnection, type Driver, PGliteAdapter, PGliteDialect, PGliteDriver } from "kysely";
import type { TurnRequest, Turns } from "./turns.ts";

/** PGlite's one connection, shared with other dialects by turns. */
export class SharedPGliteDialect extends PGliteDialect {
  constructor(
    private readonly pglite: PGlite,
    private readonly turns: Turns,
    private readonly request: () => TurnRequest,
  ) {
    super({ pglite });
  }

  override createAdapter(): PGliteAdapter {
    return new SharedPGliteAdapter();
  }

  override createDriver(): Driver {
    return new SharedPGliteDriver(this.pglite, this.turns, this.request);
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
    pglite: PGlite,
    private readonly turns: Turns,
    private readonly request: () => TurnRequest,
  ) {
    super({ pglite });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const request = this.request();
    await this.turns.take(request);
    this.#current = request;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    const request = this.#current!;
    this.#current = null;
    this.turns.release(request);
  }
}
