import { isSoftTooLong } from "../task/limits/time-limits.ts";
import { type Config, type ConfigKey, settingOf } from "./settings.ts";

/** What the process uses its settings for. */
export type Role = "up" | "server" | "worker" | "beat" | "migrate" | "client";

interface Rule {
  readonly roles: readonly Role[];
  readonly keys: readonly ConfigKey[];
  /** Returns the mistake as a sentence with its remedy, or null. `given`: the keys that are set. */
  readonly check: (config: Config, role: Role, given: ReadonlySet<ConfigKey>) => string | null;
}

const EXAMPLES =
  "DATABASE_URL=postgres://user:password@localhost:5432/lovage and REDIS_URL=redis://localhost:6379";

/**
 * Settings that show that a server on a loopback address is reached from other machines: by a
 * proxy, or by pages of others.
 */
const REACHED_BY = [
  "allowedHosts",
  "allowedOrigins",
  "trustedProxies",
] as const satisfies readonly ConfigKey[];
const TOKEN_REMEDY = "Set LOVAGE_TOKEN to a secret, such as the output of `openssl rand -hex 32`";

/** Returns why a server with these settings would be open to everybody, or null. */
export function findExposure(config: Config): string | null {
  const { host, token, production } = config;
  if (token !== null) return null;
  if (!isLoopback(host))
    return `${named("host")} is ${JSON.stringify(host)}, which other machines can reach, and there is no token. ${TOKEN_REMEDY}, or HOST to 127.0.0.1.`;
  const reachedBy = production ? REACHED_BY.find((key) => config[key].length > 0) : undefined;
  return reachedBy === undefined
    ? null
    : `${named(reachedBy)} is set in production, and there is no token: anyone who reaches the server that way can do everything. ${TOKEN_REMEDY}.`;
}

const RULES: readonly Rule[] = [
  { roles: ["up", "server"], keys: ["host", "token", ...REACHED_BY], check: findExposure },
  {
    roles: ["up"],
    keys: ["databaseUrl", "redisUrl"],
    check: ({ databaseUrl, redisUrl }) => {
      if ((databaseUrl === null) === (redisUrl === null)) return null;
      const [set, missing] =
        databaseUrl === null
          ? (["redisUrl", "databaseUrl"] as const)
          : (["databaseUrl", "redisUrl"] as const);
      return (
        `${named(set)} is set and ${named(missing)} is not; they go together. ` +
        `Set ${settingOf(missing).env} too, or neither for the embedded database.`
      );
    },
  },
  {
    roles: ["server", "worker", "beat"],
    keys: ["databaseUrl", "redisUrl"],
    check: ({ databaseUrl, redisUrl }, role) => {
      const missing = [
        ...(databaseUrl === null ? [named("databaseUrl")] : []),
        ...(redisUrl === null ? [named("redisUrl")] : []),
      ];
      if (missing.length === 0) return null;
      return (
        `lovage ${role} shares PostgreSQL and Redis with other processes, and ${missing.join(" and ")} ` +
        `${missing.length === 1 ? "is" : "are"} not set. Set ${EXAMPLES}; only lovage up runs without them.`
      );
    },
  },
  {
    roles: ["migrate"],
    keys: ["databaseUrl"],
    check: ({ databaseUrl }) =>
      databaseUrl === null
        ? `${named("databaseUrl")} is not set. Set it to the PostgreSQL to migrate; lovage up migrates the embedded database itself.`
        : null,
  },
  {
    roles: ["up", "server", "worker"],
    keys: ["heartbeat", "workerLostAfter"],
    check: ({ heartbeat, workerLostAfter }) =>
      heartbeat < workerLostAfter / 2
        ? null
        : `${named("heartbeat")} is ${heartbeat} ms, and must be below half of ${named("workerLostAfter")}, which is ` +
          `${workerLostAfter} ms: one late heartbeat would lose the worker. Shorten heartbeat or lengthen workerLostAfter.`,
  },
  {
    roles: ["up", "server", "worker", "beat", "migrate", "client"],
    keys: ["autoscale", "concurrency"],
    check: ({ autoscale }, _role, given) =>
      autoscale !== null && given.has("concurrency")
        ? `${named("autoscale")} and ${named("concurrency")} are both set, and contradict each other: autoscale changes the size of the worker, ` +
          `concurrency fixes it. Set one of them.`
        : null,
  },
  {
    roles: ["up", "worker"],
    keys: ["timeLimit", "softTimeLimit"],
    check: ({ timeLimit, softTimeLimit }) =>
      isSoftTooLong({ softMs: softTimeLimit, hardMs: timeLimit })
        ? `${named("softTimeLimit")} is ${softTimeLimit} ms, and must be below ${named("timeLimit")}, which is ${timeLimit} ms: ` +
          "the attempt would have no time to end by itself. Shorten softTimeLimit or lengthen timeLimit."
        : null,
  },
];

/**
 * Returns the mistakes between settings. Rules about settings that are `wrong` already are skipped.
 */
export function findRuleBreaks(
  config: Config,
  role: Role,
  wrong: ReadonlySet<ConfigKey> = new Set(),
  given: ReadonlySet<ConfigKey> = new Set(),
): string[] {
  return RULES.filter(
    ({ roles, keys }) => roles.includes(role) && !keys.some((key) => wrong.has(key)),
  ).flatMap(({ check }) => check(config, role, given) ?? []);
}

/** Returns whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(host);
}

function named(key: ConfigKey): string {
  return `${key} (${settingOf(key).env})`;
}
