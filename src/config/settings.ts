import { availableParallelism, hostname } from "node:os";
import { z } from "zod";
import { GIB, KIB, MIB } from "../lib/bytes.ts";
import { DAY, SECOND } from "../lib/clock.ts";
import { LOG_LEVELS } from "../lib/log/log.ts";
import { parseNetwork } from "../lib/net/network.ts";
import { DEFAULT_WEIGHTS, type WeightName } from "../task/limits/cost-weights.ts";
import { TASK_FILES } from "../loading/user-files.ts";
import { QUEUE_POLICIES } from "../task/call/route.ts";
import { QUEUE_NAME, QUEUE_NAME_RULE, WORKER_NAME, WORKER_NAME_RULE } from "../task/definition/names.ts";
import { POOLS } from "../task/definition/pool.ts";
import { RESULT_BACKENDS } from "../task/records/results.ts";
import { hostTimeZone } from "../task/timing/zone-names.ts";
import {
  autoscale,
  bytes,
  counts,
  duration,
  encryptionKeys,
  flag,
  httpUrl,
  integer,
  list,
  oneOf,
  resultsExpire,
  schedules,
  serviceUrl,
  text,
  token,
  zone,
} from "./fields.ts";
import { routes } from "./route-field.ts";

/** Other sources of a setting, and how it is shown. */
export interface Setting {
  readonly env: string;
  /** Option of the command line, if any. */
  readonly flag?: string;
  /** Never printed, not even a part of it. */
  readonly secret?: true;
  /** Objects with the `args` of tasks, which may be sensitive. Printed without them. */
  readonly args?: true;
  /** The URL of a service. Printed without user, password and parameters. */
  readonly url?: true;
  readonly duration?: true;
  /** A number of bytes. */
  readonly bytes?: true;
  /** Numbers by name. */
  readonly counts?: true;
  /** A path, relative to the working folder. */
  readonly path?: true;
  /** Converts the string of the variable, where that is not the value itself. */
  readonly fromEnv?: (value: string) => unknown;
}

const info = z.registry<Setting>();

const isOrigin = (origin: string): boolean => {
  const parsed = URL.parse(origin);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.origin === origin;
};
const queueNames = () =>
  list(`queue names (${QUEUE_NAME_RULE}), separated by commas`, (item) => QUEUE_NAME.test(item));

const CONNECTION_LIMITS = { total: 10_000, perAddress: 1_000 } as const;
const SOCKET_LIMITS = {
  total: 10_000,
  perAddress: 1_000,
  perToken: 10_000,
  pendingPerAddress: 100,
  opensPerSecond: 50,
} as const;
const SUBSCRIPTION_LIMITS = { total: 20_000, perAddress: 5_000, perToken: 20_000 } as const;

/**
 * All settings with their defaults. Durations are written as `"30s"` or milliseconds, and read as
 * milliseconds.
 */
export const configSchema = z.object({
  /**
   * URL of PostgreSQL, the system of record. Without it and `redisUrl`, `lovage up` runs an
   * embedded database.
   * @default none
   */
  databaseUrl: serviceUrl("a URL such as postgres://user:password@localhost:5432/lovage", /^postgres(?:ql)?$/)
    .nullable()
    .default(null)
    .register(info, { env: "DATABASE_URL", flag: "--database-url", url: true }),
  /**
   * URL of Redis, which delivers hints, events and signals. Set it together with `databaseUrl`.
   * @default none
   *
   * - `redis://user:password@host:6379/0`: a server;
   * - `redis+socket:///run/redis.sock?db=0`: a server on this machine, by its socket;
   * - `redis+sentinel://user:password@host:26379,host:26379/masterName/0`: sentinels, with the user
   *   and password of Redis. Those of the sentinels: `?sentineluser=…&sentinelpassword=…`;
   * - `redis+cluster://user:password@host:6379,host:6379`: some nodes of a cluster.
   *
   * `rediss` instead of `redis` uses TLS. Then `sslmode`, `sslrootcert`, `sslcert` and `sslkey`
   * have the meaning that they have in `databaseUrl`. Without `sslmode`, the certificate and the
   * name of the server are checked.
   */
  redisUrl: serviceUrl(
    "a URL such as redis://localhost:6379, rediss://:password@host:6380/0, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379",
    /^redis(?:s?(?:\+(?:sentinel|cluster))?|\+socket)$/,
  )
    .nullable()
    .default(null)
    .register(info, { env: "REDIS_URL", flag: "--redis-url", url: true }),
  /**
   * Address that the server listens on. An address that other machines reach needs a `token`.
   * @default "127.0.0.1"
   */
  host: text("a host name or an IP address, without a port or brackets", /^(?:[\w.-]+|[\da-f:.]+)$/i)
    .default("127.0.0.1")
    .register(info, { env: "HOST", flag: "--host" }),
  /** Port that the server listens on; 0 takes any free one. @default 4000 */
  port: integer(0, 65_535).default(4000).register(info, { env: "PORT", flag: "--port" }),
  /**
   * Bearer token that every request needs, and that client commands send.
   * @default none: only this machine has access
   */
  token: token(
    "at least 16 visible ASCII characters without spaces, neither repetitions nor sequences, such as the output of `openssl rand -hex 32`",
  )
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_TOKEN", flag: "--token", secret: true }),
  /** Host names that requests may use, besides those of this machine. @default [] */
  allowedHosts: list("host names such as tasks.example.org, separated by commas", (item) =>
    /^[\w.-]+(?::\d+)?$/.test(item),
  )
    .default([])
    .register(info, { env: "LOVAGE_ALLOWED_HOSTS" }),
  /**
   * Origins of web pages that may use the API. Without them, only pages that this server itself
   * serves (GraphiQL) and programs, which send no `Origin`, may use it. Pages of these origins may
   * send the headers of common GraphQL clients and tracers.
   * @default []
   */
  allowedOrigins: list(
    "origins such as https://app.example.org, without a path, separated by commas",
    isOrigin,
  )
    .default([])
    .register(info, { env: "LOVAGE_ALLOWED_ORIGINS" }),
  /**
   * Addresses or ranges (10.0.0.0/8) of proxies whose `X-Forwarded-For` header is trusted. Without
   * them, limits count all callers behind a proxy as one address.
   * @default []
   */
  trustedProxies: list(
    "addresses or ranges such as 127.0.0.1 or 10.0.0.0/8, separated by commas",
    (item) => parseNetwork(item) !== null,
  )
    .default([])
    .register(info, { env: "LOVAGE_TRUSTED_PROXIES" }),
  /**
   * File with the only documents that the API executes: a JSON object of documents by their hash, such as
   * the `persisted-documents.json` of graphql-codegen's client preset. GraphiQL and the command line
   * do not work with such a server.
   * @default none: any document is executed
   */
  trustedDocuments: text(
    "the path of a file, 1 to 4,000 characters and not blank",
    /^(?=[^]*\S)[^\0]{1,4000}$/,
  )
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_TRUSTED_DOCUMENTS", flag: "--trusted-documents", path: true }),
  /**
   * HTTP connections that one server keeps open, without WebSockets: in total, and for each address
   * that is not a trusted proxy. In the environment: `"total=5000,perAddress=500"`; numbers that
   * are left out keep their defaults.
   * @default { total: 10000, perAddress: 1000 }
   */
  connectionLimits: counts(CONNECTION_LIMITS)
    .default(CONNECTION_LIMITS)
    .register(info, { env: "LOVAGE_CONNECTION_LIMITS", counts: true }),
  /**
   * WebSockets that one server keeps open: in total, per address, per token, and per address those
   * that have not sent `connection_init` yet. `opensPerSecond` limits how many an address may open
   * per second after a burst of `perAddress`. Written like `connectionLimits`.
   * @default { total: 10000, perAddress: 1000, perToken: 10000, pendingPerAddress: 100,
   *   opensPerSecond: 50 }
   */
  socketLimits: counts(SOCKET_LIMITS)
    .default(SOCKET_LIMITS)
    .register(info, { env: "LOVAGE_SOCKET_LIMITS", counts: true }),
  /**
   * Subscriptions that one server runs at once: in total, per address, per token. Written like
   * `connectionLimits`.
   * @default { total: 20000, perAddress: 5000, perToken: 20000 }
   */
  subscriptionLimits: counts(SUBSCRIPTION_LIMITS)
    .default(SUBSCRIPTION_LIMITS)
    .register(info, { env: "LOVAGE_SUBSCRIPTION_LIMITS", counts: true }),
  /**
   * Highest cost of a query or mutation. One that costs more is refused before it runs. Lists
   * multiply the cost of their fields: see docs/server.md#cost.
   * @default 20000
   */
  maxCost: integer(100, 1_000_000_000).default(20_000).register(info, { env: "LOVAGE_MAX_COST" }),
  /** Highest cost of one event of a subscription. @default 2000 */
  maxEventCost: integer(100, 1_000_000_000).default(2_000).register(info, { env: "LOVAGE_MAX_EVENT_COST" }),
  /**
   * Costs of the parts of an operation. In the environment: `"search=8000,count=100"`; parts that
   * are left out keep their defaults.
   * @default docs/server.md#cost
   */
  costWeights: counts<WeightName>(DEFAULT_WEIGHTS, { min: 0, whole: false })
    .default(DEFAULT_WEIGHTS)
    .register(info, { env: "LOVAGE_COST_WEIGHTS", counts: true }),
  /** Largest reply, and largest message of a subscription. @default "16mb" */
  maxReplySize: bytes(64 * KIB, GIB)
    .default(16 * MIB)
    .register(info, { env: "LOVAGE_MAX_REPLY_SIZE", bytes: true }),
  /**
   * Globs, folders or files with task definitions. `node_modules`, `dist` and dot folders are
   * searched only if they are named; `dist` also if nothing else is found.
   */
  tasks: list("globs such as src/**/*.tasks.ts, separated by commas", (item) => item !== "")
    .default([TASK_FILES])
    .register(info, { env: "LOVAGE_TASKS", flag: "--tasks" }),
  /**
   * IANA name of the time zone of schedules without one.
   * @default the zone of the machine; UTC if unknown
   */
  timeZone: zone().default(hostTimeZone().name).register(info, { env: "LOVAGE_TIME_ZONE" }),
  /**
   * Schedules of the code, in addition to those of definitions. In the environment: JSON.
   * @default []
   */
  schedules: schedules().default([]).register(info, { env: "LOVAGE_SCHEDULES", args: true }),
  /** Folder of the embedded database. @default ".lovage" */
  embeddedDir: text("the path of a folder, 1 to 4,000 characters and not blank", /^(?=[^]*\S)[^\0]{1,4000}$/)
    .default(".lovage")
    .register(info, { env: "LOVAGE_EMBEDDED_DIR", path: true }),
  /** Folder with files that tasks may read, such as those of the demo. @default none */
  dataDir: text("the path of a folder, 1 to 4,000 characters and not blank", /^(?=[^]*\S)[^\0]{1,4000}$/)
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_DATA_DIR", path: true }),
  /**
   * Prefix of all keys in Redis. Installations with different prefixes can share a Redis.
   * @default "lovage"
   */
  prefix: text('1 to 64 letters, digits, "_", ".", ":" or "-"', /^[\w.:-]{1,64}$/)
    .default("lovage")
    .register(info, { env: "LOVAGE_PREFIX" }),
  /**
   * Queues of tasks whose call and definition name none: an array of rules, of which the first that
   * matches decides, or a function. In the environment: JSON.
   * @default []
   */
  routes: routes().default([]).register(info, { env: "LOVAGE_ROUTES" }),
  /**
   * Whether a task for an unknown queue creates the queue (`create`) or is refused (`refuse`).
   * @default "create"
   */
  queuePolicy: oneOf(QUEUE_POLICIES).default("create").register(info, { env: "LOVAGE_QUEUE_POLICY" }),
  /**
   * Known queues besides those of definitions and routes, for `queuePolicy: "refuse"`. @default []
   */
  knownQueues: queueNames().default([]).register(info, { env: "LOVAGE_KNOWN_QUEUES" }),
  /**
   * Queues that the worker fetches from.
   * @default [] = those of its definitions and the routes, and "default"
   */
  queues: queueNames().default([]).register(info, { env: "LOVAGE_QUEUES", flag: "--queues" }),
  /** Queues that the worker does not fetch from. @default [] */
  excludeQueues: queueNames().default([]).register(info, { env: "LOVAGE_EXCLUDE_QUEUES", flag: "--exclude" }),
  /** Number of tasks that the worker runs at the same time. @default 32 */
  concurrency: integer(1, 1024)
    .default(32)
    .register(info, { env: "LOVAGE_CONCURRENCY", flag: "--concurrency" }),
  /**
   * Changes the concurrency of the worker between two bounds, written `"max,min"` (or `"max"`, with
   * a `min` of 1): up when all slots are taken and tasks wait, down after a while without load.
   * Excludes `concurrency`.
   * @default none: fixed
   */
  autoscale: autoscale()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_AUTOSCALE", flag: "--autoscale" }),
  /**
   * Pool of tasks whose definition has no `pool`: `async`, `threads` or `processes`. The latter two
   * need definitions that come from files.
   * @default "async"
   */
  pool: oneOf(POOLS).default("async").register(info, { env: "LOVAGE_POOL", flag: "--pool" }),
  /**
   * Number of child processes for tasks with `pool: "processes"`, and of threads for `"threads"`.
   * At most `concurrency`; 0 if no definition uses the pool.
   * @default the number of cores
   */
  poolSize: integer(1, 1024)
    .default(availableParallelism())
    .register(info, { env: "LOVAGE_POOL_SIZE", flag: "--pool-size" }),
  /**
   * Largest memory of a child while it runs a task: the resident set of a process, the heap and
   * buffers of a thread. A child with more is killed, and the attempt fails.
   * @default "512mb"
   */
  maxMemoryPerChild: bytes(96 * MIB, 1024 * GIB)
    .default(512 * MIB)
    .register(info, { env: "LOVAGE_MAX_MEMORY_PER_CHILD", flag: "--max-memory-per-child", bytes: true }),
  /**
   * Number of attempts after which a child process or thread is replaced. @default none: it is kept
   */
  maxTasksPerChild: integer(1, 1_000_000_000)
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_MAX_TASKS_PER_CHILD", flag: "--max-tasks-per-child" }),
  /** Time limit of attempts whose definition has no `timeLimit`. @default none */
  timeLimit: duration()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_TIME_LIMIT", flag: "--time-limit", duration: true }),
  /**
   * Soft time limit of attempts whose definition has none: `ctx.signal` aborts then. Below
   * `timeLimit`.
   * @default none
   */
  softTimeLimit: duration()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_SOFT_TIME_LIMIT", flag: "--soft-time-limit", duration: true }),
  /** Name of the worker. @default "worker@<host name>" */
  workerName: text(WORKER_NAME_RULE, WORKER_NAME)
    .default(`worker@${hostname()}`)
    .register(info, { env: "LOVAGE_WORKER_NAME", flag: "--name" }),
  /** Log records below this level are dropped. @default "info" */
  logLevel: oneOf(LOG_LEVELS)
    .default("info")
    .register(info, { env: "LOVAGE_LOG_LEVEL", flag: "--log-level" }),
  /**
   * Format of the log: `json`, `pretty`, or `auto`: pretty on a terminal, else JSON.
   * @default "auto"
   */
  logFormat: oneOf(["auto", "json", "pretty"]).default("auto").register(info, { env: "LOVAGE_LOG_FORMAT" }),
  /**
   * Log lines of a task below this level are not stored with it; "silent" stores none.
   * @default "info"
   */
  taskLogLevel: oneOf(LOG_LEVELS).default("info").register(info, { env: "LOVAGE_TASK_LOG_LEVEL" }),
  /** Largest number of stored log lines of one task. @default 1000 */
  taskLogLines: integer(10, 100_000).default(1_000).register(info, { env: "LOVAGE_TASK_LOG_LINES" }),
  /**
   * A worker without a heartbeat for this long is LOST, and its tasks are rescued. More than twice
   * `heartbeat`.
   * @default "30s"
   */
  workerLostAfter: duration()
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_WORKER_LOST_AFTER", duration: true }),
  /** Interval of the heartbeats that a worker writes to the database. @default "5s" */
  heartbeat: duration()
    .default(5 * SECOND)
    .register(info, { env: "LOVAGE_HEARTBEAT", duration: true }),
  /** Interval of the heartbeats that subscribers receive. @default "2s" */
  liveHeartbeat: duration()
    .default(2 * SECOND)
    .register(info, { env: "LOVAGE_LIVE_HEARTBEAT", duration: true }),
  /** Interval of the search for lost workers and lost hints. @default "1s" */
  sweepEvery: duration().default(SECOND).register(info, { env: "LOVAGE_SWEEP_EVERY", duration: true }),
  /**
   * How long a stopping process waits for running tasks before it requeues them. 0 requeues at
   * once.
   * @default "30s"
   */
  graceTime: duration({ min: 0 })
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_GRACE_TIME", duration: true }),
  /**
   * Keys that encrypt sensitive fields of inputs in the database: `id:base64` of 32 bytes each
   * (`openssl rand -base64 32`), separated by commas. The first key encrypts, all keys decrypt. To
   * change keys, put the new one first, and remove the old one when no task needs it any more.
   * @default none: sensitive fields are masked in output, but stored in plain
   */
  encryptionKeys: encryptionKeys()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_ENCRYPTION_KEYS", secret: true }),
  /**
   * How long ended tasks are kept, unless their call or definition sets it: a duration, or
   * durations by state such as `{ success: "1d", failure: "30d" }` (in the environment:
   * `success=1d,failure=30d`).
   * @default "7d"
   */
  resultsExpire: resultsExpire(7 * DAY)
    .default(7 * DAY)
    .register(info, { env: "LOVAGE_RESULTS_EXPIRE", duration: true }),
  /**
   * Where outputs are stored, unless the definition sets it: `database` (the row of the task),
   * `redis` or `none`. Without `redisUrl`, `redis` means the row.
   * @default "database"
   */
  resultBackend: oneOf(RESULT_BACKENDS).default("database").register(info, { env: "LOVAGE_RESULT_BACKEND" }),
  /** Number of crashes of its worker after which a task becomes FAILURE. @default 3 */
  maxCrashes: integer(1, 1000).default(3).register(info, { env: "LOVAGE_MAX_CRASHES" }),
  /**
   * Hints that a consumer received but did not acknowledge are claimed by another one after this
   * long.
   * @default "30s"
   */
  takeOverAfter: duration()
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_TAKE_OVER_AFTER", duration: true }),
  /** Applies pending migrations at the start. The embedded database always does. @default false */
  migrate: flag().default(false).register(info, { env: "LOVAGE_MIGRATE", flag: "--migrate" }),
  /**
   * Stricter checks at the start, and fewer details in replies. @default NODE_ENV is "production"
   */
  production: flag()
    .default(false)
    .register(info, { env: "NODE_ENV", fromEnv: (value) => value === "production" }),
  /** URL of the server for client commands. @default "http://127.0.0.1:4000" */
  url: httpUrl("a URL such as http://127.0.0.1:4000, without user, password and parameters")
    .default("http://127.0.0.1:4000")
    .register(info, { env: "LOVAGE_URL", flag: "--url", url: true }),
});

/** Checked settings. Durations are in milliseconds, folders are absolute. */
export type Config = Readonly<z.output<typeof configSchema>>;
/** Settings as they are written; all are optional. */
export type ConfigInput = Readonly<z.input<typeof configSchema>>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(configSchema.shape) as readonly ConfigKey[];

export function settingOf(key: ConfigKey): Setting {
  return info.get(configSchema.shape[key])!;
}
