import type { PostgresPool, PostgresPoolClient } from "kysely";
import { type Client, Pool, type PoolClient, type PoolConfig, types } from "pg";
import type { Logger } from "../../lib/log/log.ts";
import { Semaphore, type SemaphoreOptions } from "../../lib/async/semaphore.ts";
import { BoundClient, cancelStatement } from "./pg-protocol.ts";
import type { DatabaseTarget } from "./database-url.ts";
import type { LoginLimits, SessionRenewal } from "./sessions.ts";
import { PgConnection } from "./pg-connection.ts";
import type { DatabaseLimits } from "./limits.ts";
import { ConnectionError, OperationEndedError, PoolFullError } from "./failures.ts";

/**
 * A peer that vanished is noticed after this and ten probes, a second apart, also where no
 * statement has its limit.
 */
const KEEP_ALIVE_MS = 10_000;
const GOODBYE_MS = 1_000;

/** What the connections of a pool are for. */
export interface PoolUse {
  /** In messages: `"for reads"`. */
  readonly purpose: string;
  /** Connections at most. */
  readonly max: number;
  /** Connections of one operation at once. @default all */
  readonly share?: number;
  /** Of the operation that asks for a connection: its abort ends the statement. @default none */
  readonly signal?: () => AbortSignal | null;
}

/** What all pools of a database have in common. */
export interface PoolsShare {
  readonly renewal: SessionRenewal;
  readonly login: LoginLimits;
}

/**
 * Statements that may wait for a connection. Each takes some memory, and the last ones would time
 * out anyway.
 */
const MAX_WAITING = 10_000;

/**
 * Permits to use a connection: an operation with a hundred statements does not make another wait
 * for all of them.
 */
export function connectionPermits(limits: Omit<SemaphoreOptions, "errors">, purpose: string): Semaphore {
  const errors = {
    aborted: () => new OperationEndedError(),
    full: (waitedMs: number) => new PoolFullError(limits.permits, purpose, waitedMs),
  };
  return new Semaphore({ ...limits, errors });
}

/**
 * The connections to PostgreSQL, made when needed. No failure of one ends the process, and the
 * silence of one makes it ask the others: when a host vanishes it takes all connections with it,
 * and waiting them out one by one would take minutes.
 */
export class PgPool implements PostgresPool {
  readonly options = {};
  readonly #pool: Pool;
  readonly #connections = new Map<PoolClient, PgConnection>();
  readonly #permits: Semaphore;

  constructor(
    target: DatabaseTarget,
    private readonly use: PoolUse,
    private readonly limits: DatabaseLimits,
    private readonly shared: PoolsShare,
    private readonly log: Logger,
  ) {
    const { max, share = max, purpose } = use;
    this.#permits = connectionPermits({ permits: max, perKey: share, maxWaiting: MAX_WAITING }, purpose);
    this.#pool = new Pool({ ...poolConfig(target, max, limits), ...shared.login.of(limits) });
    this.#pool.on("connect", (client) => this.#admit(client));
    // Emitted for connections that break while nobody uses them. Without a listener that would end
    // the process.
    this.#pool.on("error", this.#noteBreak);
    this.#pool.on("remove", (client) => this.#connections.delete(client));
  }

  connect = async (): Promise<PostgresPoolClient> => {
    const signal = this.use.signal?.() ?? null;
    const onRelease = await this.#permits.acquire({ key: signal, signal, waitMs: this.limits.connectMs });
    try {
      const connection = await this.#connection();
      // Kysely forgets a connection that it receives after its end, and the pool would wait for it.
      if (this.#pool.ending) {
        connection.take({ signal, onRelease: () => undefined }).release();
        throw new ConnectionError(new Error("the pool has ended"), false);
      }
      // All but cursors, which Kysely uses only where it is given a library for them.
      return connection.take({ signal, onRelease }) as unknown as PostgresPoolClient;
    } catch (error) {
      onRelease();
      throw error;
    }
  };

  /** Returns a connection that is not suspect. Suspect ones end here, one after the other. */
  async #connection(): Promise<PgConnection> {
    for (;;) {
      const client = await this.#client(true);
      const connection = this.#connections.get(client)!;
      if (!connection.isSpent) return connection;
      client.release(true);
    }
  }

  async #client(mayTryAgain: boolean): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      const { login } = this.shared;
      if (!mayTryAgain || !login.note(error, this.limits)) throw new ConnectionError(error, false);
      Object.assign(this.#pool.options, login.of(this.limits));
      return this.#client(false);
    }
  }

  end = async (): Promise<void> => {
    await this.#pool.end();
    // A peer that vanished never answers the terminate message, and its socket would keep the
    // process alive.
    setTimeout(() => {
      for (const connection of this.#connections.values()) connection.cut();
    }, GOODBYE_MS).unref();
  };

  #admit(client: PoolClient): void {
    // The same for connections in use: the running statement fails by itself, and the pool drops
    // the connection when it is returned.
    client.on("error", this.#noteBreak);
    const on = { silent: this.#onSilent, cancel: cancelStatement, renewal: this.shared.renewal };
    const connection = new PgConnection(client as PoolClient & Client, this.limits, on);
    this.#connections.set(client, connection);
    client.once("end", () => connection.lost());
  }

  #noteBreak = (error: Error): void => this.log.debug("A connection to PostgreSQL broke", { err: error });

  #onSilent = (silent: PgConnection, since: number): void => {
    const others = [...this.#connections.values()].filter((other) => other !== silent);
    const doubtful = others.filter((other) => other.doubt(since)).length;
    this.log.warn("PostgreSQL gave no answer, connection closed", {
      afterMs: Math.round(performance.now() - since),
      doubtful,
    });
  };
}

function poolConfig(target: DatabaseTarget, max: number, limits: DatabaseLimits): PoolConfig {
  return {
    application_name: "lovage",
    ...target.connection,
    // Never left out: then `pg` would read PGSSLMODE by its own rules.
    ssl: target.tls ?? false,
    ...(target.requiresChannelBinding ? { Client: BoundClient } : {}),
    max,
    connectionTimeoutMillis: target.connectMs ?? limits.connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser },
  };
}

const TEXT_ARRAY = 1009;
/**
 * date, timestamp, timestamptz, interval: as text, which the ORM and the stores read themselves.
 */
const TIMES: ReadonlySet<number> = new Set([1082, 1114, 1184, 1186]);
const ARRAYS_OF_TIMES: ReadonlySet<number> = new Set([1182, 1115, 1185, 1187]);

const getTypeParser: typeof types.getTypeParser = ((oid: number, format?: "text" | "binary") => {
  if (TIMES.has(oid)) return (text: string) => text;
  return types.getTypeParser(ARRAYS_OF_TIMES.has(oid) ? TEXT_ARRAY : oid, format as "text");
}) as typeof types.getTypeParser;
