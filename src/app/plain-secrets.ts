import type { Config } from "../config/config.ts";
import { ConfigError } from "../errors.ts";
import type { Logger } from "../lib/log.ts";
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
 * Requires encryption keys for a limit that counts by a sensitive field. Without keys, anybody who reads
 * the database or Redis could try values against the digests.
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
