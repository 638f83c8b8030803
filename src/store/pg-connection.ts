import type { Client, PoolClient, QueryResult } from "pg";
import { ConnectionError, sqlStateOf } from "./pg-failure.ts";

/** What a connection gets that may be as dead as its neighbour: an answer that is on its way needs less. */
const DOUBT_MS = 1_000;
/** A process that was busy finds its timers due before the answers that came meanwhile: it reads those first. */
const LAST_LOOK_MS = 100;

/**
 * A connection to PostgreSQL that does not wait for ever. TCP alone takes minutes to tell that a host vanished, so a statement without an
 * answer ends its connection, and fails with what TCP would say then.
 */
export class PgConnection {
  /** When a statement was sent that is not answered yet, by the monotonic clock. */
  #askedAt: number | null = null;
  #giveUpAt = 0;
  #heardAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #taken = false;

  constructor(
    private readonly client: PoolClient & Client,
    /** 0 = patient for ever. */
    private readonly silenceMs: number,
    /** Told when this connection is given up because nothing came since a statement was sent, and when that was. */
    private readonly onSilent: (connection: PgConnection, since: number) => void,
  ) {}

  /** Hands it out; `release` is the way back. */
  take(): this {
    this.#taken = true;
    return this;
  }

  release(): void {
    if (!this.#taken) return; // It was lost meanwhile.
    this.#taken = false;
    this.client.release();
  }

  /** It has ended. Who has it may never hand it back: Kysely keeps the connection of a transaction whose rollback fails. */
  lost(): void {
    if (!this.#taken) return;
    this.#taken = false;
    this.client.release(true);
  }

  async query(text: string, parameters: readonly unknown[]): Promise<QueryResult> {
    this.#askedAt = performance.now();
    if (this.silenceMs > 0) this.#wait(this.silenceMs);
    try {
      return await this.client.query(text, parameters as unknown[]);
    } catch (error) {
      // An error that the server sent before it hung up has its code. Without one, nobody refused the statement.
      throw this.#isBroken && sqlStateOf(error) === null ? new ConnectionError(error) : error;
    } finally {
      clearTimeout(this.#timer);
      this.#askedAt = null;
      this.#heardAt = performance.now();
    }
  }

  /**
   * Another connection of the same pool heard nothing since then. If this one did not either: it is closed where nobody uses it, and a
   * statement under way gets little more time. Returns whether there was doubt.
   */
  doubt(since: number): boolean {
    if (this.#heardAt >= since || this.silenceMs === 0) return false;
    if (!this.#taken) this.cut();
    else if (this.#askedAt !== null && this.#giveUpAt > performance.now() + DOUBT_MS) {
      clearTimeout(this.#timer);
      this.#wait(DOUBT_MS);
    }
    return true;
  }

  get #isBroken(): boolean {
    const { stream } = this.client.connection;
    return stream.destroyed || !stream.writable;
  }

  #wait(ms: number): void {
    this.#giveUpAt = performance.now() + ms;
    this.#timer = setTimeout(this.#lookOnceMore, ms);
  }

  #lookOnceMore = (): void => {
    this.#timer = setTimeout(this.#giveUp, LAST_LOOK_MS);
  };

  #giveUp = (): void => {
    const since = this.#askedAt!;
    this.cut();
    this.onSilent(this, since);
  };

  /** Closes it at once, without the goodbye of the protocol. A statement under way fails, and the pool drops the connection. */
  cut(): void {
    this.client.connection.stream.destroy(new SilenceError());
  }
}

/** What a statement fails with whose connection was given up. */
class SilenceError extends Error {
  override readonly name = "SilenceError";
  readonly code = "ETIMEDOUT";

  constructor() {
    super("the connection gave no answer and was closed");
  }
}
