import type { Client, PoolClient, QueryResult } from "pg";
import { ConnectionError, OperationEndedError, sqlStateOf, StatementEndedError } from "./failures.ts";
import type { SessionRenewal } from "./sessions.ts";

/** What a connection gets that may be as dead as its neighbour: an answer that is on its way needs less. */
const DOUBT_MS = 1_000;
/** A process that was busy finds its timers due before the answers that came meanwhile: it reads those first. */
const LAST_LOOK_MS = 100;

/**
 * A request to cancel travels on another connection and may overtake its statement, which then runs on:
 * it is repeated until the statement has ended.
 */
const CANCEL_AGAIN_MS = 250;

/** What a connection is used for, from when it is handed out until it is handed back. */
export interface ConnectionUse {
  /** Ends the statement under way, and lets no other begin; null = nothing does. */
  readonly signal: AbortSignal | null;
  /** Called once, when it is handed back. */
  readonly onRelease: () => void;
}

export interface StatementLimits {
  /** Of the server: see `DatabaseLimits`. */
  readonly statementMs: number;
  readonly lockMs: number;
  /** 0 = no limit. */
  readonly silenceMs: number;
}

/** SQLSTATEs: a statement was cancelled; its wait for a lock was. */
const CANCELLED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";

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
  #use: ConnectionUse | null = null;
  /** PostgreSQL was asked to end a statement: it may do so to a later one, too. */
  #cancelled = false;
  #cancelling: NodeJS.Timeout | undefined;
  /** It answered in a way that only a new session mends. */
  #spoiled = false;
  readonly #begunAt = performance.now();

  constructor(
    private readonly client: PoolClient & Client,
    private readonly limits: StatementLimits,
    private readonly on: {
      /** This connection is given up because nothing came since a statement was sent, and when that was. */
      readonly silent: (connection: PgConnection, since: number) => void;
      /** Nobody waits for the statement under way any more. */
      readonly cancel: (client: Client) => void;
      readonly renewal: Pick<SessionRenewal, "note" | "isSuspect">;
    },
  ) {}

  /** Whether it must not be used for another statement. */
  get isSpent(): boolean {
    return this.#cancelled || this.#spoiled || this.on.renewal.isSuspect(this.#begunAt);
  }

  /** Hands it out; `release` is the way back. */
  take(use: ConnectionUse): this {
    this.#use = use;
    return this;
  }

  release(): void {
    this.#handBack(this.isSpent);
  }

  /** It has ended. Who has it may never hand it back: Kysely keeps the connection of a transaction whose rollback fails. */
  lost(): void {
    this.#handBack(true);
  }

  #handBack(destroy: boolean): void {
    const use = this.#use;
    if (!use) return; // It was lost meanwhile.
    this.#use = null;
    this.client.release(destroy);
    use.onRelease();
  }

  async query(text: string, parameters: readonly unknown[]): Promise<QueryResult> {
    const signal = this.#use?.signal;
    if (signal?.aborted) throw new OperationEndedError();
    const askedAt = (this.#askedAt = performance.now());
    if (this.limits.silenceMs > 0) this.#wait(this.limits.silenceMs);
    signal?.addEventListener("abort", this.#cancel, { once: true });
    try {
      return await this.client.query(text, parameters as unknown[]);
    } catch (error) {
      throw this.#explain(error as Error, performance.now() - askedAt);
    } finally {
      signal?.removeEventListener("abort", this.#cancel);
      clearTimeout(this.#timer);
      clearInterval(this.#cancelling);
      this.#askedAt = null;
      this.#heardAt = performance.now();
    }
  }

  #cancel = (): void => {
    this.#cancelled = true;
    const cancel = (): void => this.on.cancel(this.client);
    cancel();
    this.#cancelling = setInterval(cancel, CANCEL_AGAIN_MS);
  };

  #explain(error: Error, ranMs: number): Error {
    if (this.#cancelled) return new OperationEndedError({ cause: error });
    const code = sqlStateOf(error);
    if (code !== null && this.on.renewal.note(code, this.#begunAt)) this.#spoiled = true;
    // An error that the server sent before it hung up has its code. Without one, nobody refused the statement.
    if (this.#isBroken && code === null) return new ConnectionError(error, true);
    if (code !== CANCELLED && code !== LOCK_NOT_AVAILABLE) return error;
    const ours = code === CANCELLED ? this.limits.statementMs : this.limits.lockMs;
    // Others may end a statement, too, with the same code.
    return new StatementEndedError(code, ranMs, ours > 0 && ranMs >= ours * 0.9 ? ours : null, error);
  }

  /**
   * Another connection of the same pool heard nothing since then. If this one did not either: it is closed where nobody uses it, and a
   * statement under way gets little more time. Returns whether there was doubt.
   */
  doubt(since: number): boolean {
    if (this.#heardAt >= since || this.limits.silenceMs === 0) return false;
    if (!this.#use) this.cut();
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
    this.on.silent(this, since);
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
