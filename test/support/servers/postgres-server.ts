import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chown, mkdir, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Child, ChildOptions } from "../child.ts";
import { startChild } from "../child.ts";
import { ensureProgram, pathFolders } from "./debian.ts";
import { freePort } from "./free-port.ts";
import type { TempDir } from "../temp-dir.ts";
import { tempDir } from "../temp-dir.ts";

const run = promisify(execFile);

const SUPERUSER = "lovage";
const DEBIAN_VERSIONS = "/usr/lib/postgresql";
const START_MS = 60_000;

/**
 * `fast` ends the sessions and writes everything down; `immediate` is a crash: the next start
 * recovers from the log.
 */
export type StopMode = "fast" | "immediate";

type User = NonNullable<ChildOptions["user"]>;

export interface PostgresOptions {
  /** Sessions at most, three of which only a superuser gets. @default 200 */
  readonly maxConnections?: number;
}

/**
 * Makes a new PostgreSQL cluster in a temporary folder, with fsync on and the superuser `lovage`
 * (no password), starts it on a free port of 127.0.0.1, and resolves when it accepts connections.
 * As root it runs as the user `postgres`, or `nobody`. Rejects with the output of `initdb` or the
 * server when that fails.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = dirname(await ensureProgram("initdb", "postgresql", binFolders));
  const user = await unprivilegedUser();
  const folder = await tempDir("lovage-postgres-", await reachableParent(user));
  return begin(new PostgresServer(bin, await freePort(), folder, user, options), (server) =>
    server.initialize(),
  );
}

/**
 * Makes a streaming standby of a server, from a copy of its data; resolves when it accepts
 * connections, which are read-only.
 */
export async function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const bin = dirname(await ensureProgram("pg_basebackup", "postgresql", binFolders));
  const user = await unprivilegedUser();
  const folder = await tempDir("lovage-standby-", await reachableParent(user));
  return begin(new PostgresServer(bin, await freePort(), folder, user, {}), (server) => server.copy(primary));
}

async function begin(
  server: PostgresServer,
  prepare: (server: PostgresServer) => Promise<void>,
): Promise<PostgresServer> {
  try {
    await prepare(server);
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** A server started by {@link startPostgres}. Disposing it ends it and removes its data. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number;
  readonly dir: string;
  readonly #bin: string;
  readonly #data: string;
  readonly #folder: TempDir;
  readonly #user: User | undefined;
  readonly #options: PostgresOptions;
  #child: Child | undefined;

  constructor(bin: string, port: number, folder: TempDir, user: User | undefined, options: PostgresOptions) {
    this.#options = options;
    this.#bin = bin;
    this.port = port;
    this.#folder = folder;
    this.#user = user;
    this.dir = folder.path;
    this.#data = join(folder.path, "data");
  }

  /** Of the database `postgres`, as superuser. Make your own with {@link createDatabase}. */
  get url(): string {
    return this.urlOf("postgres");
  }

  /** Of the server that runs, or of the last one. */
  get pid(): number {
    return this.#child!.pid;
  }

  async initialize(): Promise<void> {
    await this.#makeFolder();
    // The locale of PGlite, so that sorting and letter case are the same on both.
    const locale = process.platform === "darwin" ? ["--locale=C"] : ["--locale=C", "--lc-ctype=C.UTF-8"];
    const args = ["-D", this.#data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync", ...locale];
    await this.#runToEnd("initdb", args);
  }

  /** Fills it with a copy of another server, whose changes it follows once it is started. */
  async copy(primary: PostgresServer): Promise<void> {
    await this.#makeFolder();
    const from = ["-h", "127.0.0.1", "-p", String(primary.port), "-U", SUPERUSER];
    await this.#runToEnd("pg_basebackup", [
      ...from,
      "-D",
      this.#data,
      "-R",
      "--checkpoint=fast",
      "--no-sync",
    ]);
  }

  /** Starts it (again) on the same port with the same data; nothing if it runs. */
  async start(): Promise<void> {
    if (this.#child?.running === true) return;
    const settings = {
      listen_addresses: "127.0.0.1",
      port: this.port,
      unix_socket_directories: this.dir,
      max_connections: this.#options.maxConnections ?? 200,
      fsync: "on",
    };
    const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    this.#child = await this.#run("postgres", ["-D", this.#data, ...flags]);
    await this.#child.waitForLine(/database system is ready to accept (read-only )?connections/, START_MS);
  }

  /** Ends it (default `fast`); its data stay for {@link start}. */
  async stop(mode: StopMode = "fast"): Promise<void> {
    this.#child?.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await this.#child?.exited;
  }

  async restart(mode: StopMode = "fast"): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** Makes an empty database (default: with a random name) and gives its URL. */
  async createDatabase(name = `lovage_${randomUUID().slice(0, 8)}`): Promise<string> {
    await runSql(this.url, `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
    return this.urlOf(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("immediate");
    await this.#folder[Symbol.asyncDispose]();
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#data, { mode: 0o700 });
    if (this.#user === undefined) return;
    for (const path of [this.dir, this.#data]) await chown(path, this.#user.uid, this.#user.gid);
  }

  async #runToEnd(program: string, args: readonly string[]): Promise<void> {
    await using child = await this.#run(program, args);
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`${program} failed with exit code ${code}. Its output:\n${child.output}`);
  }

  #run(program: string, args: readonly string[]): Promise<Child> {
    return startChild(join(this.#bin, program), args, {
      name: program,
      cwd: this.dir,
      // The lines that are waited for must be the English ones.
      env: { LC_ALL: "C" },
      ...(this.#user && { user: this.#user }),
      // By SIGKILL it would leave its shared memory behind.
      deathSignal: "SIGQUIT",
    });
  }

  /** The URL of one of its databases, as superuser. */
  urlOf(database: string): string {
    return `postgres://${SUPERUSER}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }
}

interface PgClient {
  connect(): Promise<void>;
  query(sql: string): Promise<{ readonly rows: unknown }>;
  end(): Promise<void>;
}

/** Runs one statement on a connection of its own; returns its rows. */
export async function runSql<Row>(url: string, sql: string): Promise<Row[]> {
  // pg has no types of its own; the name as a string keeps the compiler from looking for them.
  const pg = (await import("pg" as string)) as { Client: new (url: string) => PgClient };
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

// Debian keeps the server's programs out of PATH, one folder for each version.
async function binFolders(): Promise<string[]> {
  const configured = await run("pg_config", ["--bindir"]).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  );
  const versions = await readdir(DEBIAN_VERSIONS).catch(() => []);
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a));
  return [
    ...configured,
    ...newestFirst.map((version) => join(DEBIAN_VERSIONS, version, "bin")),
    ...pathFolders(),
  ];
}

// PostgreSQL refuses to run as root.
export async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const id = async (flag: string): Promise<number> => Number((await run("id", [flag, name])).stdout);
    const user = await Promise.all([id("-u"), id("-g")]).catch(() => undefined);
    if (user !== undefined) return { uid: user[0], gid: user[1] };
  }
  throw new Error(
    "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: add one.",
  );
}

export async function reachableParent(user: User | undefined): Promise<string> {
  const parents = [...new Set([tmpdir(), "/tmp", "/var/tmp"])];
  if (user === undefined) return tmpdir();
  for (const parent of parents) if (await reachableByOthers(parent)) return parent;
  throw new Error(
    `The user that runs PostgreSQL can't reach any of ${parents.join(", ")}: ` +
      "set TMPDIR to a folder that, with all its parents, every user may enter (chmod o+x).",
  );
}

async function reachableByOthers(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || (info.mode & 0o001) === 0) return false;
  return dirname(path) === path || reachableByOthers(dirname(path));
}
