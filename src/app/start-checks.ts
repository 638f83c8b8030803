import type { Config } from "../config/config.ts";
import { ConfigError } from "../errors.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Database } from "../store/connection/database.ts";
import type { Registry } from "../task/definition/registry.ts";
import { overlap } from "../task/sensitive/secret-keys.ts";

/** Warns if sensitive fields are stored unencrypted. */
export function warnOfPlainSecrets({ encryptionKeys }: Config, registry: Registry, log: Logger): void {
  const tasks = registry.all().filter(({ sensitive }) => sensitive.length > 0);
  if (encryptionKeys !== null || tasks.length === 0) return;
  log.warn(
    "Sensitive fields of inputs are masked, and stored unencrypted: set encryptionKeys (LOVAGE_ENCRYPTION_KEYS) to encrypt them",
    { tasks: tasks.map(({ name }) => name).join(", ") },
  );
}

/**
 * Requires encryption keys for a limit that counts by a sensitive field. Without keys, anybody who
 * reads the database or Redis could try values against the digests.
 *
 * @throws ConfigError with every task, its key and the field
 */
export function refusePlainSecretKeys({ encryptionKeys }: Config, registry: Registry): void {
  if (encryptionKeys !== null) return;
  const problems = registry.all().flatMap(({ name, limits, sensitive }) =>
    (limits?.keys ?? []).flatMap((key) => {
      const field = typeof key === "string" && sensitive.find((path) => overlap(key.split("."), path));
      return field
        ? `encryptionKeys: the limits of the task "${name}" are counted by "${key}", and the field "${field.join(".")}" is sensitive. ` +
            "Set encryptionKeys (LOVAGE_ENCRYPTION_KEYS), or count by another field."
        : [];
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}

/**
 * Warns if an app without a worker uses the embedded database: no other process can open it to run
 * the tasks.
 */
export function warnOfNoWorker(
  { databaseUrl, embeddedDir }: Config,
  roles: ReadonlySet<string>,
  log: Logger,
): void {
  if (databaseUrl !== null || roles.has("worker")) return;
  log.warn(
    "This app has no worker, and the embedded database serves one process: tasks wait until an app with a worker opens the same folder. " +
      'Add "worker" to roles, or set DATABASE_URL and REDIS_URL to run workers in other processes.',
    { folder: embeddedDir },
  );
}

/**
 * Requires the schema of this version.
 *
 * @throws ConfigError with the names of the pending migrations
 */
export async function refusePendingMigrations(database: Pick<Database, "pendingMigrations">): Promise<void> {
  const pending = await database.pendingMigrations();
  if (pending.length === 0) return;
  throw new ConfigError([
    `The database lacks ${pending.length} migration(s): ${pending.join(", ")}. Run \`lovage migrate\`, or start with --migrate.`,
  ]);
}
