import type { Client, PoolClient, QueryResult } from "pg";
import { ConnectionError, OperationEndedError, sqlStateOf, StatementEndedError } from "./failures.ts";
import type { SessionRenewal } from "./sessions.ts";

/**
 * Time for a connection that may be as dead as its neighbour. An answer that is on its way needs
 * less.
 */
const DOUBT_MS = 1_000;
/**
 * A process that was busy runs its due timers before it reads the answers that arrived meanwhile.
 * So it waits this long for them.
 */
const LAST_LOOK_MS = 100;

/**
 * A cancel request uses another connection and may arrive before its statement, which then runs on:
 * the request is repeated until the statement has ended.
 */
const CANCEL_AGAIN_MS = 250;

/** The use of a connection, from when it is handed out until it is returned. */
export interface ConnectionUse {
  /** Its abort cancels the running statement, and no other begins; null = never. */
  readonly signal: AbortSignal | null;
  /** Called once, when the connection is returned. */
  readonly onRelease: () => void;
}

export interface StatementLimits {
  /** Of the server: see `DatabaseLimits`. */
  readonly statementMs: number;
  readonly lockMs: number;
  /** 0 = no limit. */
  readonly silenceMs: number;
}

/** SQLSTATEs of a cancelled statement, and of a cancelled wait for a lock. */
const CANCELLED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * A connection to PostgreSQL that does not wait forever. TCP alone takes minutes to notice that a
 * host vanished. So a statement without an answer ends its connection, and fails with the error
 * that TCP would report.
 */
export class PgConnection {
  /** When a statement was sent that is not answered yet, by the monotonic clock. */
  #askedAt: number | null = null;
  #giveUpAt = 0;
  #heardAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #use: ConnectionUse | null = null;
  /** A request to cancel was sent: it may reach a later statement. */
  #cancelled = false;
  #cancelling: NodeJS.Timeout | undefined;
  /** An answer showed that only a new session helps. */
  #spoiled = false;
  readonly #begunAt = performance.now();

  constructor(
    private readonly client: PoolClient & Client,
    private readonly limits: StatementLimits,
    private readonly on: {
      /**
       * Called when this connection is closed because nothing arrived since a statement was sent,
       * with the time of sending.
       */
      readonly silent: (connection: PgConnection, since: number) => void;
      /** Called when nobody waits for the running statement any more. */
      readonly cancel: (client: Client) => void;
      readonly renewal: Pick<SessionRenewal, "note" | "isSuspect">;
    },
  ) {}

  /** Whether it must not run another statement. */
  get isSpent(): boolean {
    return this.#cancelled || this.#spoiled || this.on.renewal.isSuspect(this.#begunAt);
  }

  /** Hands it out; `release` returns it. */
  take(use: ConnectionUse): this {
    this.#use = use;
    return this;
  }

  release(): void {
    this.#handBack(this.isSpent);
  }

  /**
   * Called when it has ended. Its user may never return it: Kysely keeps the connection of a
   * transaction whose rollback fails.
   */
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
    // An error that the server sent before it closed the connection has a code. Without one, nobody
    // refused the statement.
    if (this.#isBroken && code === null) return new ConnectionError(error, true);
    if (code !== CANCELLED && code !== LOCK_NOT_AVAILABLE) return error;
    const ours = code === CANCELLED ? this.limits.statementMs : this.limits.lockMs;
    // An administrator may cancel a statement with the same code.
    return new StatementEndedError(code, ranMs, ours > 0 && ranMs >= ours * 0.9 ? ours : null, error);
  }

  /**
   * Called when another connection of the pool received nothing since then. If this one received
   * nothing either, it is closed if idle; a running statement gets little more time. Returns
   * whether there was doubt.
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

  /**
   * Closes it at once, without the terminate message of the protocol. A running statement fails,
   * and the pool drops the connection.
   */
  cut(): void {
    this.client.connection.stream.destroy(new SilenceError());
  }
}

/** The error of a statement whose connection was closed for silence. */
class SilenceError extends Error {
  override readonly name = "SilenceError";
  readonly code = "ETIMEDOUT";

  constructor() {
    super("the connection gave no answer and was closed");
  }
}
