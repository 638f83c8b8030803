import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { LoadedConfig } from "../../config/config.ts";
import { findRuleBreaks } from "../../config/rules.ts";
import { ConfigError, StartError, UnavailableError } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import { SECOND } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log/log.ts";
import { UNFINISHED_STATES } from "../../task/records/state.ts";
import { checkServer } from "./check-server.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode, nameFlags } from "../failure.ts";
import { type Finding, judgeBroker, judgeDatabase, judgeNode } from "./findings.ts";
import { type Output, plain } from "../output.ts";
import { serverAddress } from "../connect.ts";
import { judgeSchedules } from "./findings.ts";
import { judgeNames, judgeWorkers } from "./worker-findings.ts";

/** A check that takes longer counts as failed. */
const CHECK_TIMEOUT_MS = 8 * SECOND;
/** How many unfinished tasks are searched for names that no worker has a definition of. */
const MAX_COUNTED = 10_000;

/**
 * `lovage doctor`: checks everything that Lovage needs, and prints a remedy for each problem.
 * Changes nothing.
 */
export async function doctor(context: CommandContext): Promise<ExitCode> {
  const findings: Finding[] = [];
  const report = (...found: readonly Finding[]): void => {
    const named = found.map((finding) => ({
      ...finding,
      what: nameFlags(finding.what),
      remedy: finding.remedy && nameFlags(finding.remedy),
    }));
    findings.push(...named);
    if (!context.output.json) for (const finding of named) print(context.output, finding);
  };
  report(judgeNode(process.versions.node));
  const loaded = await readConfig(context, report);
  if (loaded) {
    const { config } = loaded;
    // In parallel: each may wait seconds for a service that does not reply.
    const checks = [
      check("database", () => (config.databaseUrl === null ? checkEmbedded(loaded) : checkPostgres(loaded))),
      ...(config.redisUrl === null ? [] : [check("redis", () => checkRedis(loaded))]),
      check("server", async () =>
        checkServer({ ...serverAddress(loaded), named: loaded.sources.url !== "default" }),
      ),
    ];
    for (const found of checks) report(...(await found));
  }
  if (context.output.json) context.output.value(findings);
  return findings.some((finding) => finding.verdict === "bad") ? EXIT.checkFailed : EXIT.ok;
}

const MARKS = { good: ["green", "✔"], warning: ["yellow", "!"], bad: ["red", "✗"] } as const;

function print(output: Output, { verdict, what, remedy }: Finding): void {
  const [color, mark] = MARKS[verdict];
  output.data(`${output.paint(color, mark)} ${plain(what)}${remedy === null ? "" : ` ${plain(remedy)}`}`);
}

async function readConfig(
  context: CommandContext,
  report: (finding: Finding) => void,
): Promise<LoadedConfig | null> {
  try {
    const loaded = await context.loadConfig("client");
    const problems = findRuleBreaks(loaded.config, "up");
    for (const problem of problems) report({ check: "config", verdict: "bad", what: problem, remedy: null });
    const from = loaded.file === null ? "no configuration file" : loaded.file;
    if (problems.length === 0)
      report({ check: "config", verdict: "good", what: `settings are valid (${from}).`, remedy: null });
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems)
      report({ check: "config", verdict: "bad", what: problem, remedy: null });
    return null;
  }
}

/** Runs one check; an error or a timeout becomes a finding. */
async function check(
  name: Finding["check"],
  run: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const checkEnded = new AbortController();
  const timeout = pause(CHECK_TIMEOUT_MS, null, { signal: checkEnded.signal }).catch(() => null);
  try {
    const findings = await Promise.race([run(), timeout]);
    return (
      findings ?? [
        {
          check: name,
          verdict: "bad",
          what: `${name} did not answer within ${CHECK_TIMEOUT_MS / SECOND} s.`,
          remedy: null,
        },
      ]
    );
  } catch (error) {
    return [
      {
        check: name,
        verdict: "bad",
        what: reasonOf(name, error),
        remedy: null,
      },
    ];
  } finally {
    checkEnded.abort();
  }
}

/**
 * The message of an unavailable service is for callers of a mutation: here its cause is more
 * useful.
 */
function reasonOf(name: Finding["check"], error: unknown): string {
  const { message, cause } = toError(error);
  if (!(error instanceof UnavailableError)) return message;
  if (error.hint !== null) return error.hint;
  if (!(cause instanceof Error)) return message;
  return `${name} refused a request: ${cause.message}.`;
}

async function checkPostgres({ config }: LoadedConfig): Promise<readonly Finding[]> {
  const { openDatabase, openStores } = await import("../../app/app.ts");
  const database = openDatabase(config, silentLogger);
  try {
    await database.connect();
    const health = await database.health();
    // First: a role that may not read the list of migrations would see all of them as pending.
    await database.checkRights();
    const pending = await database.pendingMigrations();
    const findings = judgeDatabase(health, pending);
    if (pending.length > 0) return findings;
    await database.checkWrite();
    const { workers, schedules, beat, reader } = openStores(database);
    const now = new Date(Date.now() + health.clockSkewMs);
    const known = await workers.list();
    const [unfinished] = await reader.facets([{ states: UNFINISHED_STATES }], MAX_COUNTED);
    return [
      ...findings,
      ...judgeWorkers(known, now, config.workerLostAfter),
      ...judgeNames(
        unfinished!.names.map(({ value }) => value),
        known,
      ),
      ...judgeSchedules(await schedules.count({ enabled: true }), (await beat.look()).dueInMs),
    ];
  } finally {
    await database.close();
  }
}

/**
 * Checks the embedded database. Opening it would create a missing one, so its folder is checked
 * first; "in use" is a good sign.
 */
async function checkEmbedded({ config }: LoadedConfig): Promise<readonly Finding[]> {
  const embedded = (what: string): Finding => ({ check: "database", verdict: "good", what, remedy: null });
  const folder = await stat(config.embeddedDir).catch(() => null);
  if (folder === null)
    return [embedded(`the database is embedded; lovage up will create it in ${config.embeddedDir}.`)];
  const { openDatabase } = await import("../../app/app.ts");
  const database = openDatabase(config, silentLogger);
  try {
    await database.connect();
    return [
      embedded(
        `the database is embedded in ${config.embeddedDir}, PostgreSQL ${(await database.health()).version}.`,
      ),
    ];
  } catch (error) {
    if (!(error instanceof StartError) || error.exitCode !== 75) throw error;
    return [embedded(`the database is embedded in ${config.embeddedDir}, in use by a running process.`)];
  } finally {
    await database.close();
  }
}

async function checkRedis({ config }: LoadedConfig): Promise<readonly Finding[]> {
  const { openMessaging } = await import("../../app/app.ts");
  const messaging = openMessaging(config, silentLogger);
  try {
    // Only the broker: the messaging would refuse in production what is judged here.
    await messaging.broker.connect();
    return judgeBroker(await messaging.broker.health(), config.production);
  } finally {
    await messaging.close();
  }
}
