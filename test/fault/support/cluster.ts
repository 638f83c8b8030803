import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { freshDatabase, freshPrefix } from "../../support/servers/global-servers.ts";
import {
  type PostgresOptions,
  startPostgres,
  type PostgresServer,
} from "../../support/servers/postgres-server.ts";
import { startRedis, type RedisServer } from "../../support/servers/redis-server.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { Client } from "./client.ts";
import { History } from "./history.ts";
import { Checker } from "./checker.ts";
import { CLI, migrate } from "./migrated.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
export const TASKS = path("../tasks/history.tasks.ts");
/** The banner's first line: printed when everything has started. */
export const READY = /lovage \d+\.\d+/;
const FAILPOINTS = new URL("./failpoint-hook.ts", import.meta.url).href;

export type Env = Readonly<Record<string, string | undefined>>;

/** Everything in Lovage that takes its time takes little of it here. */
export const QUICK: Env = {
  LOVAGE_HEARTBEAT: "500ms",
  LOVAGE_WORKER_LOST_AFTER: "2s",
  LOVAGE_SWEEP_EVERY: "250ms",
  LOVAGE_TAKE_OVER_AFTER: "2s",
  LOVAGE_LOG_LEVEL: "info",
  LOVAGE_LOG_FORMAT: "json",
};

export interface ClusterOptions {
  /** Task files besides those of the history. */
  readonly tasks?: readonly string[];
  /** Settings of all processes of Lovage, over the quick ones. */
  readonly env?: Env;
  /**
   * A Redis of its own, to be hurt; with these arguments. Default: a prefix of its own on the run's
   * Redis.
   */
  readonly redis?: { readonly args?: readonly string[] };
  /**
   * A PostgreSQL of its own, to be hurt. Default: a database of its own on the run's PostgreSQL.
   */
  readonly postgres?: boolean | PostgresOptions;
  /** How Lovage reaches Redis, where that is not straight: behind a proxy, a cluster. */
  readonly redisUrl?: (direct: string) => Promise<string> | string;
  /** How Lovage reaches PostgreSQL, where that is not straight. */
  readonly databaseUrl?: (direct: string) => Promise<string> | string;
  /**
   * Where the checker looks for hints, where that is not the Redis of this cluster: one URL for
   * each node that has some.
   */
  readonly redisNodes?: readonly string[];
}

/** PostgreSQL, Redis, and real processes of Lovage on them, all of which may be hurt. */
export interface Cluster extends AsyncDisposable {
  readonly redis: RedisServer | null;
  readonly postgres: PostgresServer | null;
  /** Straight to Redis, past any proxy. */
  readonly admin: Redis;
  readonly checker: Checker;
  readonly history: History;
  readonly prefix: string;
  readonly folder: string;
  /** Base URL of its servers. */
  readonly url: string;
  /** Processes that were started, in their order, also those that have ended. */
  readonly children: Child[];
  /** A client of the first server. */
  client(options?: ConstructorParameters<typeof Client>[1]): Client;
  /**
   * Starts `lovage server` and resolves when it answers. All calls share one port unless `port`
   * says otherwise.
   */
  server(options?: ProcessOptions & { readonly port?: number; readonly ready?: false }): Promise<Child>;
  /** Starts `lovage worker`; resolves when it is online, unless told not to wait. */
  worker(options?: WorkerOptions): Promise<Child>;
  /** Starts `lovage beat`; resolves when it looks at schedules, unless told not to wait. */
  beat(options?: ProcessOptions & { readonly ready?: false }): Promise<Child>;
}

interface ProcessOptions {
  readonly env?: Env;
  /** E.g. `"enqueue.committed:kill"`: see failpoint-hook.ts. */
  readonly failpoint?: string;
  /** Modules that the process loads before Lovage. */
  readonly imports?: readonly string[];
}

interface WorkerOptions extends ProcessOptions {
  readonly concurrency?: number;
  /** @default those of its definitions */
  readonly queues?: readonly string[];
  readonly ready?: false;
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await using scope = new AsyncDisposableStack();
  const redis = options.redis ? scope.use(await startRedis(options.redis)) : null;
  const postgres = await ownPostgres(scope, options.postgres);
  const folder = scope.use(await tempDir("lovage-fault-"));
  const directRedis = redis?.url ?? inject("redisUrl");
  const isReady = !postgres && !options.databaseUrl;
  const directDatabase = await makeDatabase(scope, postgres, isReady);
  const prefix = freshPrefix();
  const tasks = taskFiles(options);
  const history = new History(`${folder.path}/history`);
  await history.create();
  const env: Env = {
    ...QUICK,
    DATABASE_URL: (await options.databaseUrl?.(directDatabase)) ?? directDatabase,
    REDIS_URL: (await options.redisUrl?.(directRedis)) ?? directRedis,
    LOVAGE_PREFIX: prefix,
    FAULT_HISTORY: history.path,
    PORT: String(await freePort()),
    NODE_NO_WARNINGS: "1",
    ...options.env,
  };
  const nodes = (options.redisNodes ?? [directRedis]).map((url) => connectAdmin(scope, url));
  const checker = new Checker(directDatabase, nodes, prefix, history);
  const children: Child[] = [];
  const start = async (args: readonly string[], options_: ProcessOptions): Promise<Child> => {
    const { env: more, failpoint } = options_;
    const hook = hooksOf(options_).flatMap((url) => ["--import", url]);
    const settings = { ...env, ...more, FAILPOINT: failpoint };
    const child = await startChild(process.execPath, [...hook, CLI, ...args], {
      env: settings,
      name: args[0]!,
    });
    children.push(child);
    return child;
  };
  scope.defer(() => endAll(children));
  if (!isReady) await migrate(env);
  await checker.watch();
  const held = scope.move();
  return {
    ...{ redis, postgres, admin: nodes[0]!, checker, history, prefix, folder: folder.path, children },
    url: `http://127.0.0.1:${env.PORT}`,
    client: (clientOptions) => new Client(() => `http://127.0.0.1:${env.PORT}`, clientOptions),
    server: async ({ port, ready, ...more } = {}) => {
      const portFlags = port === undefined ? [] : ["--port", String(port)];
      const child = await start(["server", "--tasks", tasks, ...portFlags], more);
      if (ready !== false) await child.waitForLine(READY, 60_000);
      return child;
    },
    worker: async ({ concurrency = 8, queues = [], ready, ...more } = {}) => {
      const queueFlags = queues.length > 0 ? ["-Q", queues.join(",")] : [];
      const child = await start(["worker", "--tasks", tasks, "-c", String(concurrency), ...queueFlags], more);
      if (ready !== false) await child.waitForLine(READY, 60_000);
      return child;
    },
    beat: async ({ ready, ...more } = {}) => {
      const child = await start(["beat", "--tasks", TASKS], more);
      if (ready !== false) await child.waitForLine(READY, 60_000);
      return child;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function taskFiles({ tasks = [] }: ClusterOptions): string {
  return [TASKS, ...tasks].join(",");
}

function hooksOf({ failpoint, imports = [] }: ProcessOptions): readonly string[] {
  return failpoint === undefined ? imports : [...imports, FAILPOINTS];
}

async function ownPostgres(
  scope: AsyncDisposableStack,
  wanted: ClusterOptions["postgres"],
): Promise<PostgresServer | null> {
  if (!wanted) return null;
  return scope.use(await startPostgres(wanted === true ? {} : wanted));
}

/**
 * An empty database, or a migrated one. Who changes the way to the database may also change what is
 * in it before the migration.
 */
async function makeDatabase(
  scope: AsyncDisposableStack,
  postgres: PostgresServer | null,
  isMigrated: boolean,
): Promise<string> {
  if (postgres) return postgres.createDatabase();
  const database = await freshDatabase(isMigrated ? inject("migratedDatabase") : undefined);
  scope.defer(() => database.drop());
  return database.url;
}

function connectAdmin(scope: AsyncDisposableStack, url: string): Redis {
  // Replicas of a cluster tell what they have only to those who say that they do not mind its age;
  // others do not mind being told so.
  const redis = new Redis(url, {
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
    protocol: 2,
    readOnly: true,
  });
  redis.on("error", () => undefined); // It is hurt on purpose.
  scope.defer(() => redis.disconnect());
  return redis;
}

async function endAll(children: readonly Child[]): Promise<void> {
  for (const child of children) {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
  }
  for (const child of children) await child.exited;
}

/** What a process holds (Linux): resident set in MiB and open descriptors. */
export async function footprint(
  pid: number,
): Promise<{ readonly rssMb: number; readonly descriptors: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const rssKb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return { rssMb: rssKb / 1_024, descriptors: descriptors.length };
}
