import { randomBytes, randomUUID } from "node:crypto";
import { DEFAULT_WEIGHTS } from "../../../src/task/limits/cost-weights.ts";
import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import {
  type Config,
  type ConfigKey,
  type GivenSettings,
  resolveConfig,
  type Role,
} from "../../../src/config/config.ts";
import { ConfigError } from "../../../src/errors.ts";
import { DAY, SECOND } from "../../../src/lib/clock.ts";

interface Given {
  readonly flags?: GivenSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, unknown>>;
  readonly role?: Role;
}

function load({ flags = {}, env = {}, file, role = "client" }: Given = {}) {
  const configFile = file ? { name: "lovage.config.ts", path: "/app/lovage.config.ts", values: file } : null;
  return resolveConfig({ flags, env, role, cwd: "/app" }, configFile);
}

/** The mistakes that loading reports, one per line. */
function mistakesOf(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("an empty environment gives the documented defaults", () => {
  const { config, sources, file, warnings } = load();
  expect(config).toMatchObject({
    databaseUrl: null,
    redisUrl: null,
    host: "127.0.0.1",
    port: 4000,
    token: null,
    tasks: ["**/*.tasks.{ts,js,mts,mjs,cts,cjs}"],
    embeddedDir: "/app/.lovage",
    dataDir: null,
    prefix: "lovage",
    queues: [],
    concurrency: 32,
    workerName: `worker@${hostname()}`,
    logLevel: "info",
    workerLostAfter: 30 * SECOND,
    heartbeat: 5 * SECOND,
    resultsExpire: 7 * DAY,
    migrate: false,
    production: false,
    url: "http://127.0.0.1:4000",
  });
  expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
  expect({ file, warnings }).toEqual({ file: null, warnings: [] });
});

test("a flag wins over the environment, that over the file, that over the default", () => {
  const { config, sources } = load({
    flags: { port: "1" },
    env: { PORT: "2", LOVAGE_CONCURRENCY: "2" },
    file: { port: 3, concurrency: 3, prefix: "three" },
  });
  expect(config).toMatchObject({ port: 1, concurrency: 2, prefix: "three", maxCrashes: 3 });
  expect(sources).toMatchObject({
    port: "flag",
    concurrency: "environment",
    prefix: "file",
    maxCrashes: "default",
  });
});

test.each<[env: string, text: string, key: ConfigKey, value: unknown]>([
  ["DATABASE_URL", "postgres://u:p@h/db", "databaseUrl", "postgres://u:p@h/db"],
  [
    "DATABASE_URL",
    "postgresql:///db?host=/run/postgresql",
    "databaseUrl",
    "postgresql:///db?host=/run/postgresql",
  ],
  ["REDIS_URL", "rediss://:p@h:6380/2", "redisUrl", "rediss://:p@h:6380/2"],
  // As a file gives it that ends with a line break.
  ["REDIS_URL", " redis://:p@h\n", "redisUrl", "redis://:p@h"],
  ["HOST", "::1", "host", "::1"],
  ["PORT", "0", "port", 0],
  ["LOVAGE_TOKEN", "k7Qw-2fXz9Lm4RtB", "token", "k7Qw-2fXz9Lm4RtB"],
  ["LOVAGE_TASKS", "a/*.ts, b/**/*.{ts,js}", "tasks", ["a/*.ts", "b/**/*.{ts,js}"]],
  ["LOVAGE_AUTOSCALE", "10, 2", "autoscale", { min: 2, max: 10 }],
  ["LOVAGE_AUTOSCALE", "10", "autoscale", { min: 1, max: 10 }],
  ["LOVAGE_MAX_COST", "50000", "maxCost", 50_000],
  [
    "LOVAGE_COST_WEIGHTS",
    "search=8000, field=0.5",
    "costWeights",
    { ...DEFAULT_WEIGHTS, search: 8_000, field: 0.5 },
  ],
  ["LOVAGE_COST_WEIGHTS", "", "costWeights", DEFAULT_WEIGHTS],
  ["LOVAGE_QUEUES", "mail,,csv ", "queues", ["mail", "csv"]],
  ["LOVAGE_ALLOWED_ORIGINS", "https://a.example:8443", "allowedOrigins", ["https://a.example:8443"]],
  ["LOVAGE_TRUSTED_PROXIES", "10.0.0.0/8, ::1", "trustedProxies", ["10.0.0.0/8", "::1"]],
  [
    "LOVAGE_SOCKET_LIMITS",
    "total=50, perAddress=5",
    "socketLimits",
    { total: 50, perAddress: 5, perToken: 10_000, pendingPerAddress: 100, opensPerSecond: 50 },
  ],
  ["LOVAGE_CONNECTION_LIMITS", "perAddress=5", "connectionLimits", { total: 10_000, perAddress: 5 }],
  [
    "LOVAGE_SUBSCRIPTION_LIMITS",
    "perToken=7",
    "subscriptionLimits",
    { total: 20_000, perAddress: 5_000, perToken: 7 },
  ],
  ["LOVAGE_MAX_REPLY_SIZE", "1mb", "maxReplySize", 1024 * 1024],
  ["LOVAGE_WORKER_LOST_AFTER", "2s", "workerLostAfter", 2_000],
  ["LOVAGE_HEARTBEAT", "PT0.5S", "heartbeat", 500],
  ["LOVAGE_GRACE_TIME", "0", "graceTime", 0],
  ["LOVAGE_RESULTS_EXPIRE", "365d", "resultsExpire", 365 * DAY],
  [
    "LOVAGE_RESULTS_EXPIRE",
    "success=1d, all=2d",
    "resultsExpire",
    { SUCCESS: DAY, FAILURE: 2 * DAY, REVOKED: 2 * DAY, EXPIRED: 2 * DAY },
  ],
  [
    "LOVAGE_RESULTS_EXPIRE",
    "failure=30d",
    "resultsExpire",
    { SUCCESS: 7 * DAY, FAILURE: 30 * DAY, REVOKED: 7 * DAY, EXPIRED: 7 * DAY },
  ],
  ["LOVAGE_RESULT_BACKEND", "redis", "resultBackend", "redis"],
  [
    "LOVAGE_ENCRYPTION_KEYS",
    `k2:${"A".repeat(43)}=, k1:${"B".repeat(42)}A=`,
    "encryptionKeys",
    [
      { id: "k2", key: Buffer.alloc(32) },
      { id: "k1", key: Buffer.from(`${"B".repeat(42)}A=`, "base64") },
    ],
  ],
  ["LOVAGE_TIME_LIMIT", "5m", "timeLimit", 300_000],
  ["LOVAGE_SOFT_TIME_LIMIT", "4m", "softTimeLimit", 240_000],
  ["LOVAGE_DATA_DIR", "data", "dataDir", "/app/data"],
  ["LOVAGE_TRUSTED_DOCUMENTS", "documents.json", "trustedDocuments", "/app/documents.json"],
  ["LOVAGE_EMBEDDED_DIR", "/var/lib/lovage", "embeddedDir", "/var/lib/lovage"],
  ["LOVAGE_MIGRATE", "yes", "migrate", true],
  ["NODE_ENV", "production", "production", true],
  ["NODE_ENV", "test", "production", false],
  // An empty variable is how shells and compose files say "not set".
  ["PORT", "", "port", 4000],
])("%s=%s is read as %s", (env, text, key, value) => {
  expect(load({ env: { [env]: text } }).config[key]).toEqual(value);
});

test.each<[env: string, text: string, mistake: RegExp]>([
  [
    "PORT",
    "abc",
    /^port \(PORT\): expected an integer from 0 to 65535, got "abc"\. Correct it, or leave it out for 4000\.$/,
  ],
  [
    "LOVAGE_TRUSTED_PROXIES",
    "10.0.0.0/33",
    /expected addresses or ranges such as 127\.0\.0\.1 or 10\.0\.0\.0\/8/,
  ],
  [
    "LOVAGE_SOCKET_LIMITS",
    "total=0",
    /expected numbers from 1 to 1000000 for some of total, perAddress, perToken/,
  ],
  [
    "LOVAGE_SOCKET_LIMITS",
    "all=5",
    /expected numbers from 1 to 1000000 for some of total, perAddress, perToken/,
  ],
  ["PORT", "65536", /expected an integer from 0 to 65535, got "65536"/],
  ["DATABASE_URL", "mysql://h/db", /^databaseUrl \(DATABASE_URL\): expected a URL such as postgres:\/\//],
  ["DATABASE_URL", "postgres://u:p#ss@h/db", /Percent-encode/],
  [
    "DATABASE_URL",
    "postgres://app:/K2secret@127.0.0.1/x",
    /got a string of 36 characters\. Percent-encode \/ \? # @ : %/,
  ],
  [
    "LOVAGE_URL",
    "http://app:p@h",
    /expected a URL such as http:.* without user, password and parameters, got http:\/\/\*\*\*@h\./,
  ],
  ["LOVAGE_URL", "http://h?token=secret", /without user, password and parameters, got http:\/\/h\?…\./],
  ["REDIS_URL", "localhost:6379", /expected a URL such as redis:\/\/localhost:6379/],
  ["HOST", "http://0.0.0.0", /^host \(HOST\): expected a host name or an IP address/],
  [
    "LOVAGE_TOKEN",
    "short",
    /expected at least 16 visible ASCII characters .*, such as the output of `openssl rand -hex 32`, got a string of 5 characters\./,
  ],
  [
    "LOVAGE_ALLOWED_ORIGINS",
    "https://a.example/path",
    /expected origins such as https:\/\/app\.example\.org/,
  ],
  ["LOVAGE_AUTOSCALE", "2,10", /expected "max,min" with 1 <= min <= max <= 1024, such as "10,2", got "2,10"/],
  ["LOVAGE_AUTOSCALE", "2000", /expected "max,min"/],
  ["LOVAGE_AUTOSCALE", "a,b", /expected "max,min"/],
  [
    "LOVAGE_MAX_COST",
    "10",
    /^maxCost \(LOVAGE_MAX_COST\): expected an integer from 100 to 1000000000, got "10"/,
  ],
  [
    "LOVAGE_COST_WEIGHTS",
    "seach=1",
    /expected numbers from 0 to 1000000 for some of field, row, read, search, .*, got "seach=1"/,
  ],
  ["LOVAGE_COST_WEIGHTS", "search=-1", /expected numbers from 0/],
  ["LOVAGE_COST_WEIGHTS", "search=1=2", /expected numbers from 0/],
  ["LOVAGE_COST_WEIGHTS", "search", /expected numbers from 0/],
  ["LOVAGE_QUEUES", "mail,-x", /expected queue names/],
  ["LOVAGE_CONCURRENCY", "0", /from 1 to 1024, got "0"\. Correct it, or leave it out for 32\./],
  ["LOVAGE_LOG_LEVEL", "loud", /expected one of trace, debug, info, warn, error, fatal, silent, got "loud"/],
  ["LOVAGE_HEARTBEAT", "soon", /expected a duration such as "90s".*, above zero.*, got "soon"\. .* for 5s\./],
  ["LOVAGE_HEARTBEAT", "0", /above zero/],
  ["LOVAGE_SWEEP_EVERY", "30d", /up to 24 days/],
  ["LOVAGE_MIGRATE", "perhaps", /expected true or false/],
  ["LOVAGE_PREFIX", "{x}", /^prefix \(LOVAGE_PREFIX\)/],
])("%s=%s is refused with the key, the expected and the actual value", (env, text, mistake) => {
  const mistakes = mistakesOf({ env: { [env]: text } });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(mistake);
});

test.each([
  "aaaaaaaaaaaaaaaa",
  "abababababababab",
  "aaaabbbbccccdddd",
  "aaaaaaaaaaaaaaab",
  "passwordpassword",
  "changemechangeme",
  "admin-pw-admin-pw-",
  "0123456789abcdef",
  "abcdefghijklmnopqrstuvwxyz",
  "9876543210987654",
])("the token %s, which is soon guessed, is refused and not shown", (token) => {
  const [mistake, ...others] = mistakesOf({ env: { LOVAGE_TOKEN: token } });
  expect(others).toEqual([]);
  expect(mistake).toMatch(/neither repetitions nor sequences, such as the output of `openssl rand -hex 32`/);
  expect(mistake).not.toContain(token);
});

test("tokens as generators make them are taken", () => {
  for (let round = 0; round < 500; round += 1) {
    for (const token of [
      randomBytes(8).toString("hex"),
      randomBytes(32).toString("hex"),
      randomBytes(12).toString("base64"),
      randomUUID(),
    ])
      expect(load({ env: { LOVAGE_TOKEN: token } }).config.token).toBe(token);
  }
});

test("all mistakes are reported at once, each named by its source", () => {
  const mistakes = mistakesOf({
    flags: { port: "x" },
    env: { LOVAGE_CONCURRENCY: "many" },
    file: { logLevel: "loud", heartbeet: "5s", colour: "red" },
  });
  expect(mistakes.map((mistake) => mistake.split(":")[0])).toEqual([
    "heartbeet (lovage.config.ts)",
    "colour (lovage.config.ts)",
    "port (--port)",
    "concurrency (LOVAGE_CONCURRENCY)",
    "logLevel (lovage.config.ts)",
  ]);
  expect(mistakes[0]).toBe("heartbeet (lovage.config.ts): there is no such setting. Did you mean heartbeat?");
  expect(mistakes[1]).toMatch(/Known: .*logLevel/);
});

test("no message holds a secret", () => {
  const mistakes = mistakesOf({
    env: {
      DATABASE_URL: "mysql://ada:hunter2@h/db",
      REDIS_URL: "http://:hunter2@h",
      LOVAGE_TOKEN: "hunter2",
    },
  });
  expect(mistakes).toHaveLength(3);
  expect(mistakes.join("\n")).not.toContain("hunter2");
  expect(mistakes[0]).toContain("got a string of 24 characters. Percent-encode / ? # @ : %");
});

describe("rules across keys", () => {
  const stores = { DATABASE_URL: "postgres://h/db", REDIS_URL: "redis://h" };
  const token = "k7Qw-2fXz9Lm4RtB";

  test.each<[what: string, role: Role, env: Record<string, string>, mistake: RegExp]>([
    [
      "an open address without a token",
      "up",
      { HOST: "0.0.0.0" },
      /host \(HOST\) is "0\.0\.0\.0".*Set LOVAGE_TOKEN/,
    ],
    [
      "the same for a server",
      "server",
      { ...stores, HOST: "::" },
      /Set LOVAGE_TOKEN .*`openssl rand -hex 32`, or HOST to 127\.0\.0\.1/,
    ],
    [
      "names for a proxy without a token, in production",
      "up",
      { NODE_ENV: "production", LOVAGE_ALLOWED_HOSTS: "tasks.example.org" },
      /^allowedHosts \(LOVAGE_ALLOWED_HOSTS\) is set in production, and there is no token: .* Set LOVAGE_TOKEN .*`openssl rand -hex 32`/,
    ],
    [
      "pages of others without a token, in production",
      "server",
      { ...stores, NODE_ENV: "production", LOVAGE_ALLOWED_ORIGINS: "https://app.example.org" },
      /^allowedOrigins \(LOVAGE_ALLOWED_ORIGINS\) is set in production, and there is no token/,
    ],
    [
      "a proxy without a token, in production",
      "server",
      { ...stores, NODE_ENV: "production", LOVAGE_TRUSTED_PROXIES: "10.0.0.0/8" },
      /^trustedProxies \(LOVAGE_TRUSTED_PROXIES\) is set in production, and there is no token/,
    ],
    ["Redis alone", "up", { REDIS_URL: "redis://h" }, /Set DATABASE_URL too/],
    ["PostgreSQL alone", "up", { DATABASE_URL: "postgres://h/db" }, /Set REDIS_URL too/],
    [
      "a server without stores",
      "server",
      {},
      /lovage server .* databaseUrl \(DATABASE_URL\) and redisUrl \(REDIS_URL\) are not set/,
    ],
    [
      "a worker without Redis",
      "worker",
      { DATABASE_URL: "postgres://h/db" },
      /and redisUrl \(REDIS_URL\) is not set/,
    ],
    ["a migration of nothing", "migrate", {}, /databaseUrl \(DATABASE_URL\) is not set/],
    [
      "a slow heartbeat",
      "up",
      { LOVAGE_HEARTBEAT: "15s" },
      /heartbeat \(LOVAGE_HEARTBEAT\) is 15000 ms, and must be below half/,
    ],
    [
      "a size that is fixed and moves",
      "up",
      { LOVAGE_AUTOSCALE: "10,2", LOVAGE_CONCURRENCY: "4" },
      /autoscale \(LOVAGE_AUTOSCALE\) and concurrency \(LOVAGE_CONCURRENCY\) are both set, and contradict each other/,
    ],
    [
      "a soft time limit that leaves no time",
      "up",
      { LOVAGE_SOFT_TIME_LIMIT: "5m", LOVAGE_TIME_LIMIT: "5m" },
      /softTimeLimit \(LOVAGE_SOFT_TIME_LIMIT\) is 300000 ms, and must be below timeLimit/,
    ],
  ])("%s is refused as %s", (_what, role, env, mistake) => {
    const mistakes = mistakesOf({ role, env });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(mistake);
  });

  test.each<[what: string, role: Role, env: Record<string, string>]>([
    ["nothing set", "up", {}],
    ["both stores", "up", stores],
    ["an open address with a token", "up", { HOST: "0.0.0.0", LOVAGE_TOKEN: token }],
    [
      "names for a proxy with a token, in production",
      "up",
      { NODE_ENV: "production", LOVAGE_ALLOWED_HOSTS: "tasks.example.org", LOVAGE_TOKEN: token },
    ],
    ["names for a proxy, elsewhere", "up", { LOVAGE_ALLOWED_HOSTS: "tasks.example.org" }],
    ["another loopback address", "up", { HOST: "127.1.2.3" }],
    ["an open address where nothing listens", "worker", { ...stores, HOST: "0.0.0.0" }],
    ["one store, where nothing is started", "client", { REDIS_URL: "redis://h" }],
    ["PostgreSQL alone, to migrate", "migrate", { DATABASE_URL: "postgres://h/db" }],
  ])("%s is fine as %s", (_what, role, env) => {
    expect(mistakesOf({ role, env })).toEqual([]);
  });

  test("a key that is wrong is not also missing", () => {
    const mistakes = mistakesOf({ role: "up", env: { DATABASE_URL: "h", REDIS_URL: "redis://h" } });
    expect(mistakes).toEqual([expect.stringMatching(/^databaseUrl \(DATABASE_URL\): expected/)]);
  });
});

test("unknown variables with the prefix LOVAGE_ cause warnings", () => {
  const { warnings } = load({ env: { LOVAGE_HEARBEAT: "5s", LOVAGE_COLOUR: "red", PATH: "/bin" } });
  expect(warnings).toEqual([
    "LOVAGE_HEARBEAT is set, but there is no such setting. Did you mean LOVAGE_HEARTBEAT?",
    "LOVAGE_COLOUR is set, but there is no such setting. Remove it.",
  ]);
});

test("settings cannot be changed once they are loaded", () => {
  const config = load().config as { -readonly [K in keyof Config]: Config[K] };
  expect(() => (config.port = 1)).toThrow(TypeError);
});

test("a file may contain hooks and middleware, which are not settings", () => {
  const hooks = { "task:failed": () => undefined };
  const middleware = [{ run: (_ctx: unknown, next: () => unknown) => next() }];
  const { extensions, config } = load({ file: { hooks, middleware, port: 1 } });
  expect(extensions).toEqual({ hooks, middleware });
  expect(config).not.toHaveProperty("hooks");
  expect(load().extensions).toEqual({});
  expect(
    mistakesOf({ file: { hooks: { "task:done": () => undefined }, middleware: [7], hook: {} } }),
  ).toEqual([
    expect.stringMatching(/^hook \(lovage\.config\.ts\): there is no such setting\. Did you mean hooks\?/),
    expect.stringMatching(/^hooks: there is no hook "task:done"; known: .* \(lovage\.config\.ts\)\.$/),
    "middleware[0]: expected a function enqueue, or run, or both, got 7 (lovage.config.ts).",
  ]);
});

test.each([
  ["no id", "A".repeat(43)],
  ["a key that is too short", `k1:${"A".repeat(42)}`],
  ["one id twice", `k1:${"A".repeat(43)},k1:${"B".repeat(42)}A`],
  ["nothing between commas", `k1:${"A".repeat(43)},`],
])("keys with %s are refused, and are not printed", (_, keys) => {
  const load = (): unknown => resolveConfig({ env: { LOVAGE_ENCRYPTION_KEYS: keys } });
  expect(load).toThrow(
    /encryptionKeys \(LOVAGE_ENCRYPTION_KEYS\): expected keys such as .*, got a string of \d+ characters\./,
  );
  expect(load).not.toThrow(new RegExp(keys.slice(0, 40)));
});
