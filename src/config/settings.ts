import { availableParallelism, hostname } from "node:os";
import { z } from "zod";
import { GIB, KIB, MIB } from "../lib/bytes.ts";
import { DAY, SECOND } from "../lib/clock.ts";
import { LOG_LEVELS } from "../lib/log.ts";
import { parseNetwork } from "../graphql/http/network.ts";
import { DEFAULT_WEIGHTS, type WeightName } from "../graphql/cost/weights.ts";
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

/** Where else a setting may come from, and how it may be shown. */
export interface Setting {
  readonly env: string;
  /** The command line's option, where there is one. */
  readonly flag?: string;
  /** Never printed, not even in part. */
  readonly secret?: true;
  /** Objects whose `args` are a task's, and may be sensitive: printed without them. */
  readonly args?: true;
  /** The URL of a service: printed without user, password and parameters. */
  readonly url?: true;
  readonly duration?: true;
  /** An amount of memory. */
  readonly bytes?: true;
  /** Numbers by name. */
  readonly counts?: true;
  /** Relative to the folder that the process runs in. */
  readonly path?: true;
  /** What the variable's text means, where it is not the value itself. */
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

/** Every setting with its default. Durations are written as `"30s"` or milliseconds and read as milliseconds. */
export const configSchema = z.object({
  /** PostgreSQL, the system of record. Without it (and without `redisUrl`) `lovage up` runs an embedded database. @default none */
  databaseUrl: serviceUrl("a URL such as postgres://user:password@localhost:5432/lovage", /^postgres(?:ql)?$/)
    .nullable()
    .default(null)
    .register(info, { env: "DATABASE_URL", flag: "--database-url", url: true }),
  /**
   * Redis, which delivers. Set it together with `databaseUrl`. @default none
   *
   * - `redis://user:password@host:6379/0`: a server;
   * - `redis+socket:///run/redis.sock?db=0`: a server of this machine, by its socket;
   * - `redis+sentinel://user:password@host:26379,host:26379/masterName/0`: sentinels, and Redis' own user and password; where the sentinels
   *   want any: `?sentineluser=…&sentinelpassword=…`;
   * - `redis+cluster://user:password@host:6379,host:6379`: some nodes of a cluster.
   *
   * `rediss` instead of `redis` asks for TLS; then `sslmode`, `sslrootcert`, `sslcert` and `sslkey` mean what they mean in `databaseUrl`, and
   * without `sslmode` the server's certificate and name are checked.
   */
  redisUrl: serviceUrl(
    "a URL such as redis://localhost:6379, rediss://:password@host:6380/0, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379",
    /^redis(?:s?(?:\+(?:sentinel|cluster))?|\+socket)$/,
  )
    .nullable()
    .default(null)
    .register(info, { env: "REDIS_URL", flag: "--redis-url", url: true }),
  /** Address that the server listens on. One that other machines reach needs a `token`. @default "127.0.0.1" */
  host: text("a host name or an IP address, without a port or brackets", /^(?:[\w.-]+|[\da-f:.]+)$/i)
    .default("127.0.0.1")
    .register(info, { env: "HOST", flag: "--host" }),
  /** Port that the server listens on; 0 takes any free one. @default 4000 */
  port: integer(0, 65_535).default(4000).register(info, { env: "PORT", flag: "--port" }),
  /** The bearer token that every request must carry, and that client commands send. @default none: open to this machine only */
  token: token(
    "at least 16 visible ASCII characters without spaces, neither repetitions nor sequences, such as what `openssl rand -hex 32` prints",
  )
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_TOKEN", flag: "--token", secret: true }),
  /** Host names that requests may name, besides those of the machine itself. @default [] */
  allowedHosts: list("host names such as tasks.example.org, separated by commas", (item) =>
    /^[\w.-]+(?::\d+)?$/.test(item),
  )
    .default([])
    .register(info, { env: "LOVAGE_ALLOWED_HOSTS" }),
  /** Origins of web pages that may use the API, besides its own. @default [] */
  allowedOrigins: list(
    "origins such as https://app.example.org, without a path, separated by commas",
    isOrigin,
  )
    .default([])
    .register(info, { env: "LOVAGE_ALLOWED_ORIGINS" }),
  /**
   * Proxies whose `X-Forwarded-For` says where a request comes from: addresses, or ranges such as 10.0.0.0/8. Without them all callers behind a
   * proxy are one address to the limits. @default []
   */
  trustedProxies: list(
    "addresses or ranges such as 127.0.0.1 or 10.0.0.0/8, separated by commas",
    (item) => parseNetwork(item) !== null,
  )
    .default([])
    .register(info, { env: "LOVAGE_TRUSTED_PROXIES" }),
  /**
   * HTTP connections that one server keeps open, besides WebSockets: in all, and of one address that is not a trusted proxy. From the
   * environment as `"total=5000,perAddress=500"`; what is not named keeps its default.
   * @default { total: 10000, perAddress: 1000 }
   */
  connectionLimits: counts(CONNECTION_LIMITS)
    .default(CONNECTION_LIMITS)
    .register(info, { env: "LOVAGE_CONNECTION_LIMITS", counts: true }),
  /**
   * WebSockets that one server keeps open: in all, of one address, with one token; of one address those that have not sent their
   * connection_init yet; and how many an address may open per second once it has opened `perAddress` of them. Written as
   * `connectionLimits` is.
   * @default { total: 10000, perAddress: 1000, perToken: 10000, pendingPerAddress: 100, opensPerSecond: 50 }
   */
  socketLimits: counts(SOCKET_LIMITS)
    .default(SOCKET_LIMITS)
    .register(info, { env: "LOVAGE_SOCKET_LIMITS", counts: true }),
  /**
   * Subscriptions that one server runs at once: in all, of one address, with one token. Written as `socketLimits` is.
   * @default { total: 20000, perAddress: 5000, perToken: 20000 }
   */
  subscriptionLimits: counts(SUBSCRIPTION_LIMITS)
    .default(SUBSCRIPTION_LIMITS)
    .register(info, { env: "LOVAGE_SUBSCRIPTION_LIMITS", counts: true }),
  /**
   * The most that a query or mutation may cost; it is refused before it runs otherwise. Lists multiply the cost of what is in them: docs/server.md#cost.
   * @default 20000
   */
  maxCost: integer(100, 1_000_000_000).default(20_000).register(info, { env: "LOVAGE_MAX_COST" }),
  /** The most that one event of a subscription may cost. @default 2000 */
  maxEventCost: integer(100, 1_000_000_000).default(2_000).register(info, { env: "LOVAGE_MAX_EVENT_COST" }),
  /**
   * What parts of an operation cost. From the environment as `"search=8000,count=100"`; what is not named keeps its default.
   * @default docs/server.md#cost
   */
  costWeights: counts<WeightName>(DEFAULT_WEIGHTS, { min: 0, whole: false })
    .default(DEFAULT_WEIGHTS)
    .register(info, { env: "LOVAGE_COST_WEIGHTS", counts: true }),
  /** The largest reply, and the largest message of a subscription, that a server makes. @default "16mb" */
  maxReplySize: bytes(64 * KIB, GIB)
    .default(16 * MIB)
    .register(info, { env: "LOVAGE_MAX_REPLY_SIZE", bytes: true }),
  /**
   * Where task definitions are: globs, folders or files. `node_modules`, `dist` and dot folders count only where they are named; `dist`
   * also where nothing else is found.
   */
  tasks: list("globs such as src/**/*.tasks.ts, separated by commas", (item) => item !== "")
    .default([TASK_FILES])
    .register(info, { env: "LOVAGE_TASKS", flag: "--tasks" }),
  /** IANA name of the zone of schedules that name none. @default the zone of the machine; UTC where that is not known */
  timeZone: zone().default(hostTimeZone().name).register(info, { env: "LOVAGE_TIME_ZONE" }),
  /** Schedules that the code makes; those beside definitions come on top. From the environment as JSON. @default [] */
  schedules: schedules().default([]).register(info, { env: "LOVAGE_SCHEDULES", args: true }),
  /** Folder of the embedded database. @default ".lovage" */
  embeddedDir: text("the path of a folder, 1 to 4,000 characters and not blank", /^(?=[^]*\S)[^\0]{1,4000}$/)
    .default(".lovage")
    .register(info, { env: "LOVAGE_EMBEDDED_DIR", path: true }),
  /** Folder whose files tasks may read, such as those of the demo. @default none */
  dataDir: text("the path of a folder, 1 to 4,000 characters and not blank", /^(?=[^]*\S)[^\0]{1,4000}$/)
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_DATA_DIR", path: true }),
  /** Begins the name of every key in Redis; two installations may share a Redis with different ones. @default "lovage" */
  prefix: text('1 to 64 letters, digits, "_", ".", ":" or "-"', /^[\w.:-]{1,64}$/)
    .default("lovage")
    .register(info, { env: "LOVAGE_PREFIX" }),
  /**
   * Which queues tasks go to, where neither their call nor their definition says: rules in order, the first that matches decides; or a
   * function. From the environment as JSON. @default []
   */
  routes: routes().default([]).register(info, { env: "LOVAGE_ROUTES" }),
  /** What becomes of a task for a queue that nobody named before: `create` takes it, `refuse` does not. @default "create" */
  queuePolicy: oneOf(QUEUE_POLICIES).default("create").register(info, { env: "LOVAGE_QUEUE_POLICY" }),
  /** Queues that exist besides those that definitions and routes name: for `queuePolicy: "refuse"`. @default [] */
  knownQueues: queueNames().default([]).register(info, { env: "LOVAGE_KNOWN_QUEUES" }),
  /** Queues that the worker takes tasks from. @default [] = those that its definitions and the routes lead to, and "default" */
  queues: queueNames().default([]).register(info, { env: "LOVAGE_QUEUES", flag: "--queues" }),
  /** Queues that the worker leaves alone. @default [] */
  excludeQueues: queueNames().default([]).register(info, { env: "LOVAGE_EXCLUDE_QUEUES", flag: "--exclude" }),
  /** Tasks that the worker runs at once. @default 32 */
  concurrency: integer(1, 1024)
    .default(32)
    .register(info, { env: "LOVAGE_CONCURRENCY", flag: "--concurrency" }),
  /**
   * Lets the worker's size move by itself between two bounds, as `"max,min"` (or only `"max"`; `min` is 1 then): up when all slots are taken
   * and work waits, down after a while of calm. Not together with `concurrency`. @default none: the size stays
   */
  autoscale: autoscale()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_AUTOSCALE", flag: "--autoscale" }),
  /**
   * Where the worker runs tasks whose definition does not say `pool`: `async`, `threads` or `processes`. The latter two need definitions that
   * come from files. @default "async"
   */
  pool: oneOf(POOLS).default("async").register(info, { env: "LOVAGE_POOL", flag: "--pool" }),
  /**
   * Child processes, and threads, that the worker keeps for tasks with `pool: "processes"`, or `"threads"`: so many of each; never more than
   * `concurrency`, and none where no definition asks for them. @default the number of cores
   */
  poolSize: integer(1, 1024)
    .default(availableParallelism())
    .register(info, { env: "LOVAGE_POOL_SIZE", flag: "--pool-size" }),
  /**
   * A child that holds more memory while it runs a task is killed, and the attempt fails: of a process the resident set counts, of a thread its
   * heap and buffers. @default "512mb"
   */
  maxMemoryPerChild: bytes(96 * MIB, 1024 * GIB)
    .default(512 * MIB)
    .register(info, { env: "LOVAGE_MAX_MEMORY_PER_CHILD", flag: "--max-memory-per-child", bytes: true }),
  /** A child process or thread is replaced after so many attempts. @default none: it is kept */
  maxTasksPerChild: integer(1, 1_000_000_000)
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_MAX_TASKS_PER_CHILD", flag: "--max-tasks-per-child" }),
  /** Longest run of an attempt whose task names no `timeLimit`. @default none */
  timeLimit: duration()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_TIME_LIMIT", flag: "--time-limit", duration: true }),
  /** After so long `ctx.signal` of an attempt aborts whose task names no `softTimeLimit`. Below `timeLimit`. @default none */
  softTimeLimit: duration()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_SOFT_TIME_LIMIT", flag: "--soft-time-limit", duration: true }),
  /** The worker's name, for people. @default "worker@<host name>" */
  workerName: text(WORKER_NAME_RULE, WORKER_NAME)
    .default(`worker@${hostname()}`)
    .register(info, { env: "LOVAGE_WORKER_NAME", flag: "--name" }),
  /** Log records below this level are dropped. @default "info" */
  logLevel: oneOf(LOG_LEVELS)
    .default("info")
    .register(info, { env: "LOVAGE_LOG_LEVEL", flag: "--log-level" }),
  /** `json` for machines, `pretty` for people, `auto` is pretty on a terminal. @default "auto" */
  logFormat: oneOf(["auto", "json", "pretty"]).default("auto").register(info, { env: "LOVAGE_LOG_FORMAT" }),
  /** What a task logs below this level is not stored with it; "silent" stores nothing. @default "info" */
  taskLogLevel: oneOf(LOG_LEVELS).default("info").register(info, { env: "LOVAGE_TASK_LOG_LEVEL" }),
  /** Lines that are kept of one task's log. @default 1000 */
  taskLogLines: integer(10, 100_000).default(1_000).register(info, { env: "LOVAGE_TASK_LOG_LINES" }),
  /** A worker that was silent for so long is LOST; its tasks run again. More than twice `heartbeat`. @default "30s" */
  workerLostAfter: duration()
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_WORKER_LOST_AFTER", duration: true }),
  /** Pause between the heartbeats that a worker writes to the database. @default "5s" */
  heartbeat: duration()
    .default(5 * SECOND)
    .register(info, { env: "LOVAGE_HEARTBEAT", duration: true }),
  /** Pause between the heartbeats that subscribers see. @default "2s" */
  liveHeartbeat: duration()
    .default(2 * SECOND)
    .register(info, { env: "LOVAGE_LIVE_HEARTBEAT", duration: true }),
  /** Pause between two looks for lost workers and lost hints. @default "1s" */
  sweepEvery: duration().default(SECOND).register(info, { env: "LOVAGE_SWEEP_EVERY", duration: true }),
  /** How long a stopping process waits for running tasks before it gives them back. 0 gives back at once. @default "30s" */
  graceTime: duration({ min: 0 })
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_GRACE_TIME", duration: true }),
  /**
   * Keys that encrypt the sensitive fields of tasks' inputs in the database, each as `id:base64` of 32 bytes (`openssl rand -base64 32`), separated
   * by commas. The first encrypts; all of them decrypt, so that keys can be changed: a new one goes in front, and an old one goes when no task
   * needs it any more. @default none: such fields are masked, and stored as they are
   */
  encryptionKeys: encryptionKeys()
    .nullable()
    .default(null)
    .register(info, { env: "LOVAGE_ENCRYPTION_KEYS", secret: true }),
  /**
   * How long ended tasks are kept, where they were not told otherwise: one span, or spans by how they ended, such as
   * `{ success: "1d", failure: "30d" }` (in the environment: `success=1d,failure=30d`). @default "7d"
   */
  resultsExpire: resultsExpire(7 * DAY)
    .default(7 * DAY)
    .register(info, { env: "LOVAGE_RESULTS_EXPIRE", duration: true }),
  /**
   * Where the outputs of tasks are kept whose definition does not say: in their rows, in Redis, or nowhere. Without `redisUrl` what should be in
   * Redis is in the rows. @default "database"
   */
  resultBackend: oneOf(RESULT_BACKENDS).default("database").register(info, { env: "LOVAGE_RESULT_BACKEND" }),
  /** A task whose worker died so often becomes FAILURE. @default 3 */
  maxCrashes: integer(1, 1000).default(3).register(info, { env: "LOVAGE_MAX_CRASHES" }),
  /** Delivered but unanswered hints of consumers that are gone are taken over after so long. @default "30s" */
  takeOverAfter: duration()
    .default(30 * SECOND)
    .register(info, { env: "LOVAGE_TAKE_OVER_AFTER", duration: true }),
  /** Apply pending migrations at start. The embedded database always does. @default false */
  migrate: flag().default(false).register(info, { env: "LOVAGE_MIGRATE", flag: "--migrate" }),
  /** Stricter checks at start, fewer details in answers. @default NODE_ENV is "production" */
  production: flag()
    .default(false)
    .register(info, { env: "NODE_ENV", fromEnv: (value) => value === "production" }),
  /** The server that client commands talk to. @default "http://127.0.0.1:4000" */
  url: httpUrl("a URL such as http://127.0.0.1:4000, without user, password and parameters")
    .default("http://127.0.0.1:4000")
    .register(info, { env: "LOVAGE_URL", flag: "--url", url: true }),
});

/** Checked settings. Durations are milliseconds, folders are absolute. */
export type Config = Readonly<z.output<typeof configSchema>>;
/** Any part of the settings, as they are written. */
export type ConfigInput = Readonly<z.input<typeof configSchema>>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(configSchema.shape) as readonly ConfigKey[];

export function settingOf(key: ConfigKey): Setting {
  return info.get(configSchema.shape[key])!;
}
