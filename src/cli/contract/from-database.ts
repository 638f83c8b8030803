import { stat } from "node:fs/promises";
import type { openStores as OpenStores } from "../../app/app.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError, StartError } from "../../errors.ts";
import { silentLogger } from "../../lib/log/log.ts";
import { Keyring } from "../../lib/keyring.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import { fillArgs } from "../../task/schedule/schedule-args.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import { splitSecrets } from "../../task/sensitive/sensitive.ts";
import { findSealed, SecretsUnreadable, Vault } from "../../task/sensitive/vault.ts";
import type { UnfinishedTask } from "../../store/reading/unfinished-tasks.ts";
import { CommandError, EXIT } from "../failure.ts";
import type { Production, WaitingInput } from "./production.ts";

type Stores = ReturnType<typeof OpenStores>;

/** Schedules of one statement. */
const PAGE = 200;

/**
 * Reads production from the database that the settings name. Writes nothing.
 *
 * @throws ConfigError if the database has another version of the schema
 */
export async function withDatabase<Result>(
  config: Config,
  registry: Registry,
  use: (production: Production) => Promise<Result>,
): Promise<Result> {
  await refuseNoDatabase(config);
  const { openDatabase, openStores } = await import("../../app/app.ts");
  const database = openDatabase(config, silentLogger);
  try {
    await database.connect().catch((error: unknown) => {
      throw nameServer(error, config);
    });
    const stores = openStores(database);
    const definitions = await stores.definitions.schemas();
    if (definitions === null)
      throw new ConfigError(["The database does not have the schema of this version. Run `lovage migrate`."]);
    const workers = (await stores.workers.list()).filter(({ status }) =>
      LIVE_STATUSES.some((live) => live === status),
    );
    return await use({
      name: "the database",
      definitions,
      running: new Set(workers.flatMap((worker) => worker.definitions)),
      inputs: inputsOf(stores, config, registry),
    });
  } finally {
    await database.close();
  }
}

/** The embedded database serves one process, and a running `lovage dev` or `lovage up` is a server. */
function nameServer(error: unknown, { databaseUrl, embeddedDir, url }: Config): unknown {
  if (databaseUrl !== null || !(error instanceof StartError) || error.exitCode !== EXIT.tryLater)
    return error;
  return new CommandError(
    EXIT.tryLater,
    error.code,
    `the embedded database in ${embeddedDir} is in use by another process.`,
    `If that is \`lovage dev\` or \`lovage up\`, compare with its server: --against ${url}.`,
    { cause: error },
  );
}

async function refuseNoDatabase({ databaseUrl, embeddedDir }: Config): Promise<void> {
  if (databaseUrl !== null || (await stat(embeddedDir).catch(() => null)) !== null) return;
  throw new CommandError(
    EXIT.config,
    "NO_DATABASE",
    `there is nothing to compare with: DATABASE_URL is not set, and ${embeddedDir} does not exist.`,
    "Set DATABASE_URL, or name a server or a snapshot with --against.",
  );
}

async function* inputsOf(stores: Stores, config: Config, registry: Registry): AsyncGenerator<WaitingInput> {
  const vault = new Vault(config.encryptionKeys && new Keyring(config.encryptionKeys));
  for await (const task of stores.unfinished.read()) yield taskInput(task, vault, registry);
  for (let after: string | undefined; ;) {
    const page: ScheduleRecord[] = await stores.reads.schedules.page({ source: "API" }, PAGE, after);
    for (const schedule of page) yield scheduleInput(schedule, config, vault, registry);
    if (page.length < PAGE) return;
    after = page.at(-1)!.name;
  }
}

function taskInput(
  { id, name, input, options }: UnfinishedTask,
  vault: Vault,
  registry: Registry,
): WaitingInput {
  const revealed = orNull(() => vault.reveal({ name, input, options }));
  const args = revealed?.input ?? input;
  const own = splitSecrets(args, registry.get(name)?.sensitive ?? [])?.secrets;
  const secrets = { ...own, ...revealed?.secrets };
  return { kind: "task", id, definition: name, args, secrets, problem: null, isActive: true };
}

/**
 * Schedules are opened and filled as beat does. Those of the code are not read: the new code
 * replaces them when it starts.
 */
function scheduleInput(
  record: ScheduleRecord,
  { encryptionKeys }: Config,
  vault: Vault,
  registry: Registry,
): WaitingInput {
  const { name, taskName, lastRunAt, enabled } = record;
  const sensitive = registry.get(taskName)?.sensitive ?? null;
  const input = { kind: "schedule", id: name, definition: taskName, secrets: {}, isActive: enabled } as const;
  try {
    // Without keys nothing can be opened here, which is not a fault of the code.
    const readable = encryptionKeys !== null || findSealed(record.args).length === 0;
    const args = readable ? vault.openArgs(record, sensitive).args : record.args;
    const filled = fillArgs(args, { slot: new Date(), lastRunAt, name });
    const secrets = splitSecrets(filled, sensitive ?? [])?.secrets ?? {};
    return { ...input, args: filled, secrets, problem: null };
  } catch (error) {
    if (!(error instanceof SecretsUnreadable)) throw error;
    return { ...input, args: record.args, problem: error.message };
  }
}

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SecretsUnreadable) return null;
    throw error;
  }
}
