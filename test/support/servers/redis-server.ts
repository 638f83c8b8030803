import type { Child } from "../child.ts";
import { startChild } from "../child.ts";
import { ensureProgram } from "./debian.ts";
import { freePort } from "./free-port.ts";
import type { TempDir } from "../temp-dir.ts";
import { tempDir } from "../temp-dir.ts";

export interface RedisOptions {
  /** Arguments after the defaults (which they override), e.g. `["--appendonly", "yes"]`. */
  readonly args?: readonly string[];
  /** @default a free one */
  readonly port?: number;
  /** The server's folder, which stays. @default a temporary one */
  readonly dir?: string;
}

// A process gets these and lives on: there is no end to wait for.
const SURVIVED: readonly NodeJS.Signals[] = ["SIGSTOP", "SIGCONT"];

/**
 * Starts a real `redis-server` on 127.0.0.1 that keeps nothing on disk, and resolves when it
 * accepts connections. Rejects with the server's output when it does not start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = await ensureProgram("redis-server", "redis-server");
  const folder = options.dir === undefined ? await tempDir("lovage-redis-") : undefined;
  const port = options.port ?? (await freePort());
  const server = new RedisServer(
    program,
    { port, dir: options.dir ?? folder!.path, args: options.args ?? [] },
    folder,
  );
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/**
 * A server started by {@link startRedis}. Disposing it ends it and removes its temporary folder.
 */
export class RedisServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #folder: TempDir | undefined;
  #child: Child | undefined;

  constructor(program: string, options: Required<RedisOptions>, folder: TempDir | undefined) {
    this.#program = program;
    this.port = options.port;
    this.dir = options.dir;
    this.#args = options.args;
    this.#folder = folder;
    this.url = `redis://127.0.0.1:${this.port}`;
  }

  /** Of the server that runs, or of the last one. */
  get pid(): number {
    return this.#child!.pid;
  }

  /** Starts it (again) with the same port, folder and arguments; nothing if it runs. */
  async start(): Promise<void> {
    if (this.#child?.running === true) return;
    const fixed = ["--bind", "127.0.0.1", "--port", String(this.port), "--dir", this.dir];
    const volatile = ["--save", "", "--appendonly", "no"];
    const child = await startChild(this.#program, [...fixed, ...volatile, ...this.#args], {
      name: "redis-server",
    });
    this.#child = child;
    await child.waitForLine(/Ready to accept connections/);
  }

  /** Sends a signal (default SIGKILL) and waits for the end, except after SIGSTOP and SIGCONT. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    if (!SURVIVED.includes(signal)) await this.#child?.exited;
  }

  /** Ends it in the orderly way. Its folder stays, for {@link start} or {@link restart}. */
  async stop(): Promise<void> {
    await this.kill("SIGTERM");
  }

  /** Stops it if it runs, and starts it with the same port, folder and arguments. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#folder?.[Symbol.asyncDispose]();
  }
}
