import { Client } from "pg";
import { ConfigError, StartError } from "../../errors.ts";
import { SECOND } from "../../lib/clock.ts";
import { BoundClient } from "../../store/connection/pg-protocol.ts";
import { type DatabaseTarget, readDatabaseUrl } from "../../store/connection/database-url.ts";
import { explainServerFailure } from "../../store/connection/connect-error.ts";
import { CommandError, EXIT } from "../failure.ts";

/**
 * A periodic task with the row of its timing. Fields of newer versions of django-celery-beat may be
 * absent.
 */
export interface CeleryRow {
  readonly task: PeriodicTask;
  readonly interval: { readonly every: number; readonly period: string } | null;
  readonly crontab: CeleryCrontab | null;
  readonly solar: { readonly event: string; readonly latitude: number; readonly longitude: number } | null;
  readonly clocked: { readonly clocked_time: string } | null;
}

export interface PeriodicTask {
  readonly name: string;
  /** Name of the Celery task. */
  readonly task: string;
  /** JSON as a string. */
  readonly args: string;
  readonly kwargs: string;
  readonly headers?: string | null;
  readonly queue: string | null;
  readonly exchange: string | null;
  readonly routing_key: string | null;
  readonly priority?: number | null;
  /** The last possible time of a run. */
  readonly expires: string | null;
  /** Seconds after which a run that has not started expires. */
  readonly expire_seconds?: number | null;
  readonly one_off?: boolean;
  readonly start_time?: string | null;
  readonly enabled: boolean;
  readonly total_run_count: number;
  readonly description: string;
}

export interface CeleryCrontab {
  readonly minute: string;
  readonly hour: string;
  readonly day_of_month: string;
  readonly month_of_year: string;
  readonly day_of_week: string;
  readonly timezone?: string;
}

const KINDS = ["interval", "crontab", "solar", "clocked"] as const;
const CONNECT_MS = 3_500;
const STATEMENT_MS = 15 * SECOND;

/**
 * Reads the tables of django-celery-beat in one read-only snapshot.
 *
 * @throws CommandError
 */
export async function readCeleryTables(url: string): Promise<CeleryRow[]> {
  const target = readTarget(url);
  const client = new (target.requiresChannelBinding ? BoundClient : Client)({
    application_name: "lovage import celery-beat",
    ...target.connection,
    ssl: target.tls ?? false,
    connectionTimeoutMillis: target.connectMs ?? CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + SECOND,
  });
  // The running statement fails by itself; without a listener the process would end.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin transaction isolation level repeatable read read only");
    await client.query("set local timezone to 'UTC'");
    return await readRows(client, target);
  } catch (error) {
    throw explain(target, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function readRows(client: Client, { label }: DatabaseTarget): Promise<CeleryRow[]> {
  const { rows: tables } = await client.query<{ readonly kind: string; readonly present: boolean }>(
    `select kind, to_regclass('django_celery_beat_' || kind) is not null as present
     from unnest($1::text[]) as kind`,
    [["periodictask", ...KINDS.map((kind) => `${kind}schedule`)]],
  );
  const present = new Set(tables.filter((table) => table.present).map(({ kind }) => kind));
  if (!present.has("periodictask")) {
    const message = `the database ${label} has no table django_celery_beat_periodictask.`;
    const hint = "Set --from to Django's database, and apply the migrations of django_celery_beat there.";
    throw new CommandError(EXIT.data, "NOT_CELERY_BEAT", message, hint);
  }
  // Old versions have neither clocked nor solar tasks, and no columns for them.
  const known = KINDS.filter((kind) => present.has(`${kind}schedule`));
  const columns = KINDS.map(
    (kind) => `${known.includes(kind) ? `to_jsonb(${kind}_row)` : "null"} as ${kind}`,
  );
  const joins = known.map(
    (kind) =>
      `left join django_celery_beat_${kind}schedule ${kind}_row on ${kind}_row.id = task_row.${kind}_id`,
  );
  // As JSON, so that a column which a version lacks is not an error.
  const { rows } = await client.query<CeleryRow>(
    `select to_jsonb(task_row) as task, ${columns.join(", ")}
     from django_celery_beat_periodictask task_row ${joins.join(" ")} order by task_row.name`,
  );
  return rows;
}

/** The message of a connect error names DATABASE_URL; here the URL is an option. */
function nameOption(message: string): string {
  return message.replaceAll("DATABASE_URL", "--from");
}

function readTarget(url: string): DatabaseTarget {
  if (!/^postgres(?:ql)?:\/\//i.test(url)) {
    const message = "--from: expected a URL such as postgres://user:password@host:5432/name.";
    const hint = "Only PostgreSQL is supported: copy the tables of another database there first.";
    throw new CommandError(EXIT.usage, "USAGE", message, hint);
  }
  try {
    return readDatabaseUrl(url, "--from");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(EXIT.usage, "USAGE", error.problems.join("\n"), null, { cause: error });
  }
}

function explain(target: DatabaseTarget, error: unknown): unknown {
  if (error instanceof CommandError) return error;
  if ((error as { readonly code?: unknown }).code === "42501") {
    const message = `PostgreSQL at ${target.label} denied access: ${(error as Error).message}.`;
    const hint = "Grant SELECT on the tables django_celery_beat_* to this user.";
    return new CommandError(EXIT.authRefused, "CANNOT_READ", message, hint, { cause: error });
  }
  const explained = explainServerFailure(target, error);
  if (!(explained instanceof StartError)) return explained;
  return new CommandError(explained.exitCode, explained.code, nameOption(explained.message), null, {
    cause: error,
  });
}
