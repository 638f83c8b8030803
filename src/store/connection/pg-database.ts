import { join } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import { type Dialect, Kysely, PostgresDialect } from "kysely";
import { ConfigError, StartError } from "../../errors.ts";
import { TimeSlice } from "../../lib/async/event-loop.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OperationScope } from "../../lib/operation-scope.ts";
import { newId } from "../../lib/uuid.ts";
import type { Database, DatabaseHealth } from "./database.ts";
import { type DatabaseTarget, readDatabaseUrl } from "./database-url.ts";
import { EmbeddedLock } from "../embedded/lock.ts";
import { checkDiskRoom, Checkpointer } from "../embedded/disk.ts";
import type { Engine } from "../embedded/engine.ts";
import { prepareFolder } from "../embedded/folder.ts";
import { LoginLimits, SessionRenewal } from "./sessions.ts";
import { MIGRATIONS } from "../migrations/list.ts";
import {
  checkEncoding,
  explainEmbeddedFailure,
  explainMigrationFailure,
  explainServerFailure,
} from "./connect-error.ts";
import { describeMissingRights, findMissingRights, tryWrite } from "./pg-access.ts";
import { databaseFailure } from "./failures.ts";
import { PgPool, type PoolsShare, type PoolUse, connectionPermits } from "./pg-pool.ts";
import { type DatabaseLimits, LIMITS, PATIENT_LIMITS } from "./limits.ts";
import { TaskEntity } from "../reading/task-entity.ts";
import { SharedPGliteDialect } from "../embedded/pglite-dialect.ts";
import { slowQueryLog } from "./slow-query-log.ts";
import { openSql, type Sql } from "./sql.ts";
import type { AcquireRequest } from "../../lib/async/semaphore.ts";

export type DatabaseOptions =
  | {
      readonly kind: "postgresql";
      /** `postgres://user:password@host:port/name` */
      readonly url: string;
      /**
       * Maximum number of connections of this process, without those for reads of callers.
       * @default 10
       */
      readonly poolSize?: number;
      /** Maximum number of connections of this process for reads of callers. @default 5 */
      readonly readPoolSize?: number;
      /** Limits to override; tests make them small. @default LIMITS */
      readonly limits?: Partial<DatabaseLimits>;
    }
  | {
      readonly kind: "embedded";
      /** Folder of the data; null keeps it in memory, for tests. */
      readonly folder: string | null;
    };

const MIGRATION_TABLE = "lovage.migration";

/** The dialects of one database. Reads of callers and all other work have separate connections. */
interface Dialects {
  readonly write: Dialect;
  readonly read: Dialect;
}

/** Maximum number of read connections of one operation, of five. */
const READS_OF_ONE = 2;
/** Reads that may wait for the embedded database's one connection. */
const MAX_WAITING = 10_000;

/**
 * PostgreSQL, or PGlite in process: the same SQL through the same ORM. Reads of callers have
 * separate connections: however many and slow they are, enqueues, claims, outcomes, heartbeats and
 * loops do not wait for them. To the ORM these connections are a read replica, which it uses for
 * reads outside of a transaction.
 */
export class PgDatabase implements Database {
  #orm: MikroORM | null = null;
  #engine: Engine | null = null;
  #checkpointer: Checkpointer | null = null;
  readonly #lost = Promise.withResolvers<Error>();
  /**
   * Resolves when the embedded database has ended by itself: this process cannot use it any more.
   */
  readonly lost: Promise<Error> = this.#lost.promise;
  readonly #lock: EmbeddedLock | null;
  readonly #target: DatabaseTarget | null;
  readonly #shared: PoolsShare;
  /** The operation that reads belong to: they end with it. */
  readonly scope = new OperationScope();

  /** @throws ConfigError for a URL that cannot be used */
  constructor(
    private readonly options: DatabaseOptions,
    private readonly log: Logger,
  ) {
    this.#shared = { renewal: new SessionRenewal(log), login: new LoginLimits(log) };
    this.#target = options.kind === "postgresql" ? readDatabaseUrl(options.url) : null;
    this.#lock =
      options.kind === "embedded" && options.folder !== null ? new EmbeddedLock(options.folder) : null;
  }

  get orm(): MikroORM {
    if (!this.#orm) throw new Error("The database is not connected.");
    return this.#orm;
  }

  get sql(): Sql {
    return openSql(this.orm, "write");
  }

  /** For reads of callers, which must not delay other work. */
  get reads(): Sql {
    return openSql(this.orm, "read");
  }

  async connect(): Promise<void> {
    if (this.#orm) return;
    try {
      await this.#takeFolder();
      this.#orm = await this.#open(await this.#dialects());
      const [row] = await this.sql.run<{ encoding: string }>(
        "select current_setting('server_encoding') as encoding",
      );
      checkEncoding(this.#target, row!.encoding);
      if (this.#lock !== null) this.#keepWalSmall();
    } catch (error) {
      await this.close();
      throw this.#explain(error);
    }
  }

  /**
   * Before tasks are inserted.
   * @throws UnavailableError when the disk of the embedded database has no room for them
   */
  readonly checkRoom = (): void => {
    if (this.options.kind === "embedded" && this.options.folder !== null) checkDiskRoom(this.options.folder);
  };

  async pendingMigrations(): Promise<string[]> {
    const { migrator } = this.orm;
    const [pending, executed] = await orUnavailable(async () => [
      await migrator.getPending(),
      await migrator.getExecuted(),
    ]);
    const known = new Set(MIGRATIONS.map((migration) => migration.name));
    const newer = executed.find((migration) => !known.has(migration.name));
    if (newer) {
      throw new ConfigError([
        `The database is at migration "${newer.name}", which this version does not know: it belongs to a newer one. Use that version.`,
      ]);
    }
    return pending.map((migration) => migration.name);
  }

  async migrate(): Promise<string[]> {
    try {
      return await this.#migrate();
    } catch (error) {
      throw explainMigrationFailure(this.#target, error);
    }
  }

  async #migrate(): Promise<string[]> {
    await this.pendingMigrations(); // Refuses a newer database; makes the schema and the table of migrations.
    if (this.#target === null) return applyPending(this.orm);
    const patient = await this.#open(this.#server(this.#target, PATIENT_LIMITS, 2));
    try {
      return await orUnavailable(() => applyPending(patient));
    } finally {
      await patient.close(true);
    }
  }

  async health(): Promise<DatabaseHealth> {
    const before = Date.now();
    const [row] = await this.sql.run<{ version: string; now: number }>(
      "select current_setting('server_version') as version, (extract(epoch from clock_timestamp()) * 1000)::float8 as now",
    );
    const version = row!.version.split(" ")[0]!;
    return {
      kind: this.options.kind,
      version,
      clockSkewMs: Math.round(row!.now - (before + Date.now()) / 2),
    };
  }

  async checkRights(): Promise<void> {
    const missing = await findMissingRights(this.sql);
    if (missing) throw new StartError(describeMissingRights(missing), 77);
  }

  checkWrite(): Promise<void> {
    return tryWrite(this.sql);
  }

  async close(): Promise<void> {
    await this.#checkpointer?.stop();
    const [orm, engine] = [this.#orm, this.#engine];
    this.#orm = null;
    this.#engine = null;
    this.#checkpointer = null;
    await orm?.close(true);
    if (engine && !engine.closed && !engine.dead) await engine.close();
    await this.#lock?.release();
  }

  async #takeFolder(): Promise<void> {
    if (this.options.kind !== "embedded" || this.options.folder === null) return;
    await prepareFolder(this.options.folder, this.log);
    await this.#lock!.take();
  }

  #keepWalSmall(): void {
    this.#checkpointer = new Checkpointer(() => this.sql, this.log);
    this.#checkpointer.start();
  }

  async #dialects(): Promise<Dialects> {
    const { options } = this;
    if (options.kind === "embedded") return this.#embedded(options.folder);
    return this.#server(this.#target!, options.limits, options.poolSize, options.readPoolSize);
  }

  #open({ write, read }: Dialects): Promise<MikroORM> {
    const log = slowQueryLog(this.log);
    return MikroORM.init({
      // The ORM requires a name. The dialect makes the connections.
      dbName: this.#target?.connection.database ?? "postgres",
      driverOptions: new Kysely({ dialect: write, log }),
      replicas: [{ driverOptions: () => new Kysely({ dialect: read, log }) }],
      entities: [TaskEntity],
      // The ORM's key for the context of a request or a transaction. Unique, so that it is not
      // confused with that of the user's ORM.
      contextName: `lovage ${newId()}`,
      extensions: [Migrator],
      migrations: { migrationsList: MIGRATIONS, tableName: MIGRATION_TABLE, snapshot: false, silent: true },
      schemaGenerator: { managementDbName: "postgres" },
      ensureDatabase: false,
      forceUtcTimezone: true,
      logger: (message) => this.log.debug(message),
    });
  }

  #server(
    target: DatabaseTarget,
    some: Partial<DatabaseLimits> = {},
    poolSize = 10,
    readPoolSize = 5,
  ): Dialects {
    const limits = { ...LIMITS, ...some };
    const forReads = { purpose: "for reads", max: readPoolSize, share: READS_OF_ONE };
    const pool = (use: PoolUse): PgPool => new PgPool(target, use, limits, this.#shared, this.log);
    const write = pool({ purpose: "for writes", max: poolSize });
    const read = pool({ ...forReads, signal: () => this.scope.signal });
    return { write: new PostgresDialect({ pool: write }), read: new PostgresDialect({ pool: read }) };
  }

  /**
   * One connection for both: writes take precedence. A running statement cannot be cancelled, since
   * it runs in this thread.
   */
  async #embedded(folder: string | null): Promise<Dialects> {
    // Loaded here, so that a process with a server does not load the WebAssembly build.
    const { openEngine } = await import("../embedded/engine.ts");
    const engine = await openEngine(folder === null ? null : join(folder, "data"));
    this.#engine = engine;
    void engine.died.then(this.#lost.resolve);
    const permits = connectionPermits({ permits: 1, maxWaiting: MAX_WAITING }, "to the embedded database");
    const shared = { pglite: engine, permits, slice: new TimeSlice() };
    const dialect = (request: () => AcquireRequest) => new SharedPGliteDialect(shared, request);
    return {
      write: dialect(() => ({ key: null, urgent: true })),
      read: dialect(() => {
        const { signal } = this.scope;
        // A read without an operation waits for a transaction of user code without a time limit.
        return { key: signal, signal, waitMs: signal ? LIMITS.connectMs : Infinity };
      }),
    };
  }

  #explain(error: unknown): unknown {
    if (error instanceof StartError) return error;
    if (this.#target) return explainServerFailure(this.#target, error);
    return explainEmbeddedFailure(this.options.kind === "embedded" ? this.options.folder : null, error);
  }
}

async function orUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw databaseFailure(error);
  }
}

async function applyPending(orm: MikroORM): Promise<string[]> {
  const applied = await orm.em.transactional(async (em) => {
    const transaction = em.getTransactionContext();
    const run = (text: string): Promise<unknown> => em.getConnection().execute(text, [], "run", transaction);
    // The time limits of the server or the role are not meant for migrations.
    await run("set local statement_timeout = 0");
    await run("set local lock_timeout = 0");
    // Several processes may migrate at once: the second one waits here, and then has nothing to do.
    await run(`lock table ${MIGRATION_TABLE} in exclusive mode`);
    return orm.migrator.up({ transaction });
  });
  return applied.map((migration) => migration.name);
}
