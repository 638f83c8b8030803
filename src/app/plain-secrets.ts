import type { Config } from "../config.ts";
import type { Logger } from "../lib/log.ts";
import type { Registry } from "../task/registry.ts";

/** Whoever calls a field sensitive should hear that it lies in the database as it is. */
export function warnOfPlainSecrets({ encryptionKeys }: Config, registry: Registry, log: Logger): void {
  const tasks = registry.all().filter(({ sensitive }) => sensitive.length > 0);
  if (encryptionKeys !== null || tasks.length === 0) return;
  log.warn(
    "Sensitive fields of inputs are masked, and stored unencrypted: set encryptionKeys (LOVAGE_ENCRYPTION_KEYS) to encrypt them",
    { tasks: tasks.map(({ name }) => name).join(", ") },
  );
}
