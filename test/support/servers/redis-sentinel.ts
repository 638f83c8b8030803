import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Child, startChild } from "../child.ts";
import { ensureProgram } from "./debian.ts";
import { freePort } from "./free-port.ts";
import { redisCall, waitUntil } from "./redis-call.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";
import { type TempDir, tempDir } from "../temp-dir.ts";

export interface SentinelOptions {
  /** Arguments of both servers after the defaults, e.g. `["--appendonly", "yes"]`. */
  readonly args?: readonly string[];
  /** What the sentinels ask for, and the URL holds. @default none */
  readonly sentinelPassword?: string;
}

interface Sentinel {
  readonly port: number;
  readonly child: Child;
  readonly folder: TempDir;
}

const MASTER = "mymaster";
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;
/**
 * What sentinels do every so often is done sooner: real ones find each other and a failover's end
 * only after seconds.
 */
const QUICK = ["INFO-PERIOD", 500, "PING-PERIOD", 200, "PUBLISH-PERIOD", 200, "ASK-PERIOD", 200];

/**
 * Starts one master, one replica of it and three sentinels, real processes on free ports, and
 * resolves when they know each other.
 */
export async function startSentinels(options: SentinelOptions = {}): Promise<RedisSentinelSet> {
  await using started = new AsyncDisposableStack();
  // Masters wait five seconds for further replicas before they send anything.
  const args = ["--repl-diskless-sync-delay", "0", ...(options.args ?? [])];
  const master = await startRedis({ args });
  const servers = [master];
  started.defer(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  servers.push(await startRedis({ args: [...args, ...replicaOf(master)] }));
  await waitUntil("the replica is in step", async () => isInStep(servers[1]!.port));
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, () => startSentinel(master.port, options.sentinelPassword ?? null)),
  );
  const set = new RedisSentinelSet(servers, sentinels, { ...options, args });
  started.use(set);
  await waitUntil("the sentinels know each other and the replica", () => set.isComplete());
  started.move();
  return set;
}

/**
 * Servers under sentinels, as {@link startSentinels} makes them. Disposing it ends all and removes
 * their folders.
 */
export class RedisSentinelSet implements AsyncDisposable {
  /** As REDIS_URL. */
  readonly url: string;
  /** Servers that others took the place of. Their folders are in use until the end. */
  readonly #replaced: RedisServer[] = [];

  constructor(
    /** The master and the replica, in no certain order. */
    readonly servers: RedisServer[],
    private readonly sentinels: readonly Sentinel[],
    private readonly options: SentinelOptions,
  ) {
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
    const { sentinelPassword: password } = options;
    const parameters = password === undefined ? "" : `?sentinelpassword=${encodeURIComponent(password)}`;
    this.url = `redis+sentinel://${hosts}/${MASTER}${parameters}`;
  }

  /** The server that most sentinels name now. */
  async master(): Promise<RedisServer> {
    const named = await Promise.all(this.sentinels.map((sentinel) => this.#masterOf(sentinel)));
    const server = this.servers.find(({ port }) => named.filter((one) => one === port).length >= QUORUM);
    if (!server) throw new Error(`The sentinels name different masters: ${named.join(", ")}.`);
    return server;
  }

  /** Kills the master (or stops it, with SIGSTOP), and resolves to it at once. */
  async killMaster(signal: NodeJS.Signals = "SIGKILL"): Promise<RedisServer> {
    const master = await this.master();
    await master.kill(signal);
    return master;
  }

  /**
   * Lets the replica fall behind: from now on it gets nothing of what the master takes, while the
   * sentinels go on seeing it alive. Who was killed and revived is in step again.
   */
  async cutReplica(): Promise<void> {
    const master = await this.master();
    const replica = this.servers.find((server) => server !== master)!;
    await redisCall(replica.port, {}, "CONFIG", "SET", "masteruser", "nobody", "masterauth", "wrong");
    await redisCall(master.port, {}, "CLIENT", "KILL", "TYPE", "replica");
    await waitUntil("the replica has lost its master", async () => !(await isInStep(replica.port)));
  }

  /**
   * Resolves to the new master when most sentinels name another one than `old`, and it takes
   * writes.
   */
  async failedOverFrom(old: RedisServer): Promise<RedisServer> {
    await waitUntil("another server is the master", async () => {
      const master = await this.master();
      return master !== old && (await roleOf(master.port)) === "master";
    });
    return this.master();
  }

  /**
   * Has the sentinels make the replica the master, without anyone dying; resolves when it is done.
   */
  async switchOver(): Promise<RedisServer> {
    const old = await this.master();
    await waitUntil("a sentinel begins the failover", async () => {
      await this.#call(this.sentinels[0]!, "SENTINEL", "FAILOVER", MASTER);
      return true;
    });
    return this.failedOverFrom(old);
  }

  /**
   * Starts a server that was killed, as a replica of the present master; resolves when it is in
   * step and the sentinels know.
   */
  async revive(dead: RedisServer): Promise<void> {
    const master = await this.master();
    const { port, dir } = dead;
    await dead.kill();
    this.#replaced.push(dead);
    const args = [...(this.options.args ?? []), ...replicaOf(master)];
    this.servers[this.servers.indexOf(dead)] = await startRedis({ port, dir, args });
    await waitUntil("the server came back as a replica", async () => isInStep(port));
    await waitUntil("the sentinels see it", () => this.isComplete());
  }

  /** Whether each sentinel knows the others and a living replica. */
  async isComplete(): Promise<boolean> {
    const views = await Promise.all(
      this.sentinels.map(async (sentinel) => {
        await this.#call(sentinel, "SENTINEL", "DEBUG", ...QUICK);
        const facts = factsOf(await this.#call(sentinel, "SENTINEL", "MASTER", MASTER));
        const replicas = (await this.#call(sentinel, "SENTINEL", "REPLICAS", MASTER)) as unknown[];
        const alive = replicas.map(factsOf).filter((replica) => replica.get("flags") === "slave");
        return Number(facts.get("num-other-sentinels")) === SENTINELS - 1 && alive.length > 0;
      }),
    );
    return views.every(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, folder } of this.sentinels) {
      await child[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    }
    for (const server of [...this.servers, ...this.#replaced]) await server[Symbol.asyncDispose]();
  }

  async #masterOf(sentinel: Sentinel): Promise<number> {
    const [, port] = (await this.#call(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)) as string[];
    return Number(port);
  }

  #call({ port }: Sentinel, command: string, ...args: (string | number)[]): Promise<unknown> {
    return redisCall(port, { password: this.options.sentinelPassword ?? null }, command, ...args);
  }
}

async function startSentinel(masterPort: number, password: string | null): Promise<Sentinel> {
  const program = await ensureProgram("redis-server", "redis-server");
  const folder = await tempDir("lovage-sentinel-");
  const port = await freePort();
  const file = join(folder.path, "sentinel.conf");
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder.path}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER} 3000`,
    ...(password === null ? [] : [`requirepass ${password}`, `sentinel sentinel-pass ${password}`]),
  ];
  await writeFile(file, `${settings.join("\n")}\n`);
  const child = await startChild(program, [file, "--sentinel"], { name: "sentinel" });
  await child.waitForLine(/\+monitor master/);
  return { port, child, folder };
}

function replicaOf({ port }: RedisServer): string[] {
  return ["--replicaof", `127.0.0.1 ${port}`];
}

async function isInStep(port: number): Promise<boolean> {
  return String(await redisCall(port, {}, "INFO", "replication")).includes("master_link_status:up");
}

async function roleOf(port: number): Promise<string | undefined> {
  return /^role:(\w+)/m.exec(String(await redisCall(port, {}, "INFO", "replication")))?.[1];
}

function factsOf(flat: unknown): Map<string, string> {
  const texts = flat as string[];
  return new Map(
    texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1]!] as const] : [])),
  );
}
