import type { BrokerHealth } from "../../broker/broker.ts";
import type { DatabaseHealth } from "../../store/connection/database.ts";
import { showDuration } from "../times.ts";
import { SECOND } from "../../lib/clock.ts";

/** The outcome of one check. */
export interface Finding {
  readonly check: "node" | "config" | "database" | "workers" | "schedules" | "redis" | "server";
  readonly verdict: "good" | "warning" | "bad";
  readonly what: string;
  /** What to do; null when nothing is to be done, or `what` includes it. */
  readonly remedy: string | null;
}

const OLDEST_NODE = [22, 18] as const;
const OLDEST_POSTGRES = [14, 0] as const;
/** The first with XAUTOCLAIM. */
const OLDEST_REDIS = [6, 2] as const;
/** The first whose XAUTOCLAIM drops what was deleted from the stream. */
const GOOD_REDIS = [7, 0] as const;
/**
 * Schedules and deadlines use the database's clock; the logs of a process with a larger skew
 * mislead.
 */
const SKEW_WARNING_MS = 1_000;
const SKEW_LIMIT_MS = 60_000;

export function judgeNode(version: string): Finding {
  const what = `Node ${version}.`;
  if (isAtLeast(version, OLDEST_NODE)) return { check: "node", verdict: "good", what, remedy: null };
  return { check: "node", verdict: "bad", what, remedy: `Install ${OLDEST_NODE.join(".")} or newer.` };
}

export function judgeDatabase(
  { version, clockSkewMs }: DatabaseHealth,
  pending: readonly string[],
): Finding[] {
  return [judgePostgresVersion(version), judgeMigrations(pending), judgeClock(clockSkewMs)];
}

function judgePostgresVersion(version: string): Finding {
  const what = `PostgreSQL ${version} is reachable.`;
  if (isAtLeast(version, OLDEST_POSTGRES)) return { check: "database", verdict: "good", what, remedy: null };
  return { check: "database", verdict: "bad", what, remedy: `Lovage needs ${OLDEST_POSTGRES[0]} or newer.` };
}

function judgeMigrations(pending: readonly string[]): Finding {
  if (pending.length === 0)
    return { check: "database", verdict: "good", what: "all migrations are applied.", remedy: null };
  const what = `${pending.length === 1 ? "1 migration is" : `${pending.length} migrations are`} pending: ${pending.join(", ")}.`;
  return { check: "database", verdict: "bad", what, remedy: "Run `lovage migrate`." };
}

function judgeClock(skewMs: number): Finding {
  const skew = Math.abs(skewMs);
  const what = `the clocks of this machine and the database differ by ${showDuration(skew)}.`;
  const remedy = "Synchronise both with NTP.";
  if (skew < SKEW_WARNING_MS) return { check: "database", verdict: "good", what, remedy: null };
  return { check: "database", verdict: skew < SKEW_LIMIT_MS ? "warning" : "bad", what, remedy };
}

export function judgeBroker(
  { version, evictionPolicy, denied }: BrokerHealth,
  production: boolean,
): Finding[] {
  const rights: Finding[] = denied === null ? [] : [{ check: "redis", verdict: "bad", ...denied }];
  return [judgeRedisVersion(version), judgeEviction(evictionPolicy, production), ...rights];
}

const ALLOW_INFO = "Allow its user the command INFO, so that this can be checked.";

function judgeRedisVersion(version: string | null): Finding {
  if (version === null) {
    const what = "Redis is reachable; its version is unknown because INFO is forbidden.";
    return { check: "redis", verdict: "warning", what, remedy: ALLOW_INFO };
  }
  const what = `Redis ${version} is reachable.`;
  if (isAtLeast(version, GOOD_REDIS)) return { check: "redis", verdict: "good", what, remedy: null };
  if (isAtLeast(version, OLDEST_REDIS))
    return { check: "redis", verdict: "warning", what, remedy: "Upgrade to 7.0 or newer." };
  return { check: "redis", verdict: "bad", what, remedy: `Lovage needs ${OLDEST_REDIS.join(".")} or newer.` };
}

function judgeEviction(policy: string | null, production: boolean): Finding {
  if (policy === "noeviction")
    return { check: "redis", verdict: "good", what: "Redis evicts no keys.", remedy: null };
  if (policy === null) {
    const what = "The eviction policy of Redis is unknown because INFO is forbidden; it must be noeviction.";
    return { check: "redis", verdict: "warning", what, remedy: ALLOW_INFO };
  }
  const what = `The eviction policy of Redis is ${policy}: it may drop hints, which delays tasks${production ? "; Lovage refuses to start with it" : ""}.`;
  return {
    check: "redis",
    verdict: production ? "bad" : "warning",
    what,
    remedy: "Set maxmemory-policy to noeviction.",
  };
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}

/** Beat runs twice a second: a schedule that is overdue for longer has no beat. */
const OVERDUE_MS = 10 * SECOND;

/** @param nextDueInMs when beat must look at a schedule next; negative when that is overdue */
export function judgeSchedules(enabled: number, nextDueInMs: number | null): Finding[] {
  if (enabled === 0) return [];
  const overdueMs = -(nextDueInMs ?? 0);
  const what = `${enabled} schedule${enabled === 1 ? " is" : "s are"} enabled`;
  if (overdueMs <= OVERDUE_MS)
    return [{ check: "schedules", verdict: "good", what: `${what}, none is overdue.`, remedy: null }];
  return [
    {
      check: "schedules",
      verdict: "bad",
      what: `${what}, and the first was due ${showDuration(overdueMs)} ago: no beat runs, or it makes no progress.`,
      remedy: "Start `lovage beat`, or read its log.",
    },
  ];
}
