import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import type { PGlite } from "@electric-sql/pglite";
import { PGliteDialect } from "kysely";
import { ConfigError, StartError } from "../errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Database, DatabaseHealth } from "./database.ts";
import { type DatabaseTarget, readDatabaseUrl } from "./database-url.ts";
import { EmbeddedLock } from "./embedded-lock.ts";
import { ENTITIES, SCHEMA } from "./entities.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import { isAway, openSql, type Sql } from "./sql.ts";

export type DatabaseOptions =
  | {
      readonly kind: "postgresql";
      /** `postgres://user:password@host:port/name` */
      readonly url: string;
      /** Connections of this process at most. @default 10 */
      readonly poolSize?: number;
    }
  | {
      readonly kind: "embedded";
      /** Folder of the data; null keeps it in memory, for tests. */
      readonly folder: string | null;
    };

const CONNECT_TIMEOUT_MS = 3_500;
const STATEMENT_TIMEOUT_MS = 30_000;
const MIGRATION_TABLE = `${SCHEMA}.migration`;

/** PostgreSQL, or PGlite in process: the same SQL through the same ORM. */
export class PgDatabase implements Database {
  #orm: MikroORM | null = null;
  #pglite: PGlite | null = null;
  readonly #lock: EmbeddedLock | null;
  readonly #target: DatabaseTarget | null;

  /** @throws ConfigError for a URL that cannot be used */
  constructor(
    private readonly options: DatabaseOptions,
    private readonly log: Logger,
  ) {
    this.#target = options.kind === "postgresql" ? readDatabaseUrl(options.url) : null;
    this.#lock =
      options.kind === "embedded" && options.folder !== null ? new EmbeddedLock(options.folder) : null;
  }

  get orm(): MikroORM {
    if (!this.#orm) throw new Error("The database is not connected.");
    return this.#orm;
  }

  get sql(): Sql {
    return openSql(this.orm);
  }

  async connect(): Promise<void> {
    if (this.#orm) return;
    try {
      await this.#lock?.take();
      this.#orm = await this.#open();
      await this.sql.run("select 1");
    } catch (error) {
      await this.close();
      throw this.#explain(error);
    }
  }

  async pendingMigrations(): Promise<string[]> {
    const pending = await this.orm.migrator.getPending();
    const executed = await this.orm.migrator.getExecuted();
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
    await this.pendingMigrations(); // Refuses a newer database; makes the schema and the table of migrations.
    const applied = await this.orm.em.transactional(async (em) => {
      // Several processes may migrate at once: the second waits here, and then finds nothing to do.
      await em
        .getConnection()
        .execute(`lock table ${MIGRATION_TABLE} in exclusive mode`, [], "run", em.getTransactionContext());
      return this.orm.migrator.up({ transaction: em.getTransactionContext() });
    });
    return applied.map((migration) => migration.name);
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

  async close(): Promise<void> {
    const [orm, pglite] = [this.#orm, this.#pglite];
    this.#orm = null;
    this.#pglite = null;
    await orm?.close(true);
    if (pglite && !pglite.closed) await pglite.close();
    await this.#lock?.release();
  }

  async #open(): Promise<MikroORM> {
    const connection =
      this.options.kind === "embedded"
        ? await this.#embedded(this.options.folder)
        : this.#server(this.options);
    return MikroORM.init({
      ...connection,
      entities: ENTITIES,
      extensions: [Migrator],
      migrations: { migrationsList: MIGRATIONS, tableName: MIGRATION_TABLE, snapshot: false, silent: true },
      schemaGenerator: { managementDbName: "postgres" },
      ensureDatabase: false,
      forceUtcTimezone: true,
      logger: (message) => this.log.debug(message),
    });
  }

  #server(options: DatabaseOptions & { readonly kind: "postgresql" }) {
    return {
      clientUrl: options.url,
      pool: { min: 0, max: options.poolSize ?? 10 },
      driverOptions: {
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
        keepAlive: true,
        application_name: "lovage",
        ...(this.#target?.tls ? { ssl: this.#target.tls } : {}),
      },
    };
  }

  async #embedded(folder: string | null) {
    // Loaded here, so that a process which talks to a server does not pay for the WebAssembly build.
    const { PGlite } = await import("@electric-sql/pglite");
    this.#pglite = await PGlite.create(folder === null ? {} : { dataDir: `${folder}/data` });
    return { dbName: "postgres", driverOptions: new PGliteDialect({ pglite: this.#pglite }) };
  }

  /** Why the database cannot be opened, as far as its user can do something about it. */
  #explain(error: unknown): unknown {
    if (error instanceof StartError) return error;
    const cause = rootOf(error);
    return this.#target === null
      ? this.#explainEmbedded(error, cause)
      : explainServer(this.#target, error, cause);
  }

  #explainEmbedded(error: unknown, cause: Error): unknown {
    const folder = this.options.kind === "embedded" ? this.options.folder : null;
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && FOLDER_ERRORS.has(code)) {
      const message = `The embedded database cannot use the folder ${folder} (${code}). Name another with LOVAGE_EMBEDDED_DIR, or make this one a folder that may be written to.`;
      return new StartError(message, 78, { cause });
    }
    if (!cause.message.startsWith("PGlite failed to initialize")) return error;
    const message = `The data in ${folder} cannot be opened: they are damaged, or of another version of PostgreSQL. Restore the folder from a copy, or name another with LOVAGE_EMBEDDED_DIR.`;
    return new StartError(message, 78, { cause });
  }
}

const FOLDER_ERRORS: ReadonlySet<string> = new Set([
  "EEXIST",
  "ENOTDIR",
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOENT",
]);

function explainServer({ label }: DatabaseTarget, error: unknown, cause: Error): unknown {
  const { code } = cause as { readonly code?: unknown };
  if (code === "28P01" || code === "28000") {
    const message = `PostgreSQL at ${label} refuses the login: ${cause.message}. Check DATABASE_URL.`;
    return new StartError(message, 77, { cause });
  }
  if (code === "3D000") {
    const message = `PostgreSQL at ${label}: ${cause.message}. Create it, or change DATABASE_URL.`;
    return new StartError(message, 78, { cause });
  }
  if (/does not support SSL/.test(cause.message)) {
    const message = `PostgreSQL at ${label} offers no TLS, which sslmode in DATABASE_URL asks for. Turn ssl on there, or leave sslmode out.`;
    return new StartError(message, 78, { cause });
  }
  if (typeof code === "string" && /CERT|SIGNATURE/.test(code)) {
    const message = `PostgreSQL at ${label} shows a certificate that is not trusted (${code}). Name its authority with sslrootcert in DATABASE_URL.`;
    return new StartError(message, 77, { cause });
  }
  if (!isAway(error)) return error;
  const reason =
    typeof code === "string" ? code : cause.message.replace(SILENT, "no answer, or no PostgreSQL");
  return new StartError(
    `Cannot reach PostgreSQL at ${label} (${reason}). Start it, or change DATABASE_URL.`,
    69,
    {
      cause,
    },
  );
}

/** What `pg` says when it gave up waiting, or when the other side hung up. */
const SILENT = /^Connection terminated.*$/;

function rootOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return rootOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return rootOf(error.cause);
  return error instanceof Error ? error : new Error(String(error));
}
