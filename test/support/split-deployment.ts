import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject, vi } from "vitest";
import { App } from "../../src/app/app.ts";
import { resolveConfig } from "../../src/config/config.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import type { AnyTaskDefinition } from "../../src/task/definition/definition.ts";
import { FINAL_STATES } from "../../src/task/records/state.ts";
import { CLI, type CliRun, runCli } from "./run-cli.ts";
import { runSql } from "./servers/postgres-server.ts";
import { type Child, type ChildOptions, startChild } from "./child.ts";
import { freePort } from "./servers/free-port.ts";
import { freshDatabase, freshPrefix } from "./servers/global-servers.ts";
import { tempDir } from "./temp-dir.ts";

export interface SplitDeploymentOptions {
  /**
   * Files of the folder that all processes work in, by name: `*.tasks.mjs`, `lovage.config.mjs`.
   * They import "lovage".
   */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings of all processes, besides where PostgreSQL and Redis are. */
  readonly env?: Readonly<Record<string, string>>;
}

interface DeployedError {
  readonly type: string;
  readonly message: string;
}

/** A task as the API tells it, as far as tests look. */
export interface DeployedTask {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly crashCount: number;
  readonly workerName: string | null;
  readonly result: unknown;
  readonly args: unknown;
  readonly queue: string;
  readonly startedAt: string | null;
  readonly error: DeployedError | null;
  readonly attempts: readonly {
    readonly number: number;
    readonly workerName: string | null;
    readonly state: string;
    readonly error: DeployedError | null;
  }[];
}

const FINAL: readonly string[] = FINAL_STATES;

/**
 * An installation in processes apart, on PostgreSQL and Redis: one `lovage server`, as many workers
 * as are started, and the command line.
 */
export class SplitDeployment implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    /** Of the server. */
    readonly url: string,
    /** What every process has in its environment. */
    readonly env: Readonly<Record<string, string>>,
    readonly server: Child,
    /** What ends with it. */
    private readonly scope: AsyncDisposableStack,
    /** All processes that were started, also those that have ended. */
    readonly processes: Child[] = [],
  ) {}

  /** Starts the server, which makes the schema. */
  static async open({ files = {}, env = {} }: SplitDeploymentOptions): Promise<SplitDeployment> {
    await using scope = new AsyncDisposableStack();
    const folder = scope.use(await tempDir());
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
    const database = await freshDatabase();
    scope.defer(() => database.drop());
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const places = {
      DATABASE_URL: database.url,
      REDIS_URL: inject("redisUrl"),
      LOVAGE_PREFIX: freshPrefix(),
    };
    const all = { PORT: port, LOVAGE_URL: url, ...places, ...env };
    const server = await start(scope, ["server", "--migrate", "--port", port], {
      cwd: folder.path,
      env: all,
    });
    await server.waitForLine(/GraphiQL/, 60_000);
    return new SplitDeployment(folder.path, url, all, server, scope.move(), [server]);
  }

  /**
   * Starts a process of the command line; resolves once it prints a line that fits. It is killed at
   * the end at the latest.
   */
  async start(
    args: readonly string[],
    ready: RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Child> {
    const child = await start(this.scope, args, { cwd: this.folder, env: { ...this.env, ...env } });
    this.processes.push(child);
    await child.waitForLine(ready, 60_000);
    return child;
  }

  worker(
    name: string,
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Child> {
    return this.start(["worker", "-n", name, ...flags], /Worker/, env);
  }

  /** Starts one more server; returns its URL. */
  async anotherServer(): Promise<string> {
    const port = String(await freePort());
    await this.start(["server", "--port", port], /GraphiQL/);
    return `http://127.0.0.1:${port}`;
  }

  /** Starts an app in this process that enqueues, asks and waits, and runs nothing. */
  async app(tasks: readonly AnyTaskDefinition[]): Promise<App> {
    const { config } = resolveConfig({ flags: {}, env: this.env });
    const found = tasks.map((definition) => ({ definition, file: null }));
    const app = new App({ config, tasks: found, roles: [], log: silentLogger });
    this.scope.defer(() => app.stop());
    await app.start();
    return app;
  }

  /** Runs the command line to its end. */
  lovage(...args: string[]): Promise<CliRun> {
    return runCli(args, { cwd: this.folder, env: this.env });
  }

  /** Asks a server. @throws Error with the answer's errors */
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  async ask(query: string, variables: object = {}, url = this.url): Promise<any> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Enqueues one task for each input; returns the ids. @throws Error with what is refused */
  async enqueue(name: string, inputs: readonly object[], options: object = {}): Promise<string[]> {
    const mutation =
      "mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(input: { tasks: $inputs }) { ids errors { message } } }";
    const { enqueueTasks } = await this.ask(mutation, {
      inputs: inputs.map((args) => ({ name, args, options })),
    });
    if (enqueueTasks.errors.length > 0) throw new Error(JSON.stringify(enqueueTasks.errors));
    return enqueueTasks.ids as string[];
  }

  /** In the order of the ids. */
  async tasks(ids: readonly string[]): Promise<DeployedTask[]> {
    const query = `query ($ids: [ID!]) { tasks(first: 200, filter: { ids: $ids }) {
      nodes { id state attempt crashCount workerName result args queue: queueName startedAt error { type message }
        attempts { number workerName state error { type message } } } } }`;
    const { nodes } = (await this.ask(query, { ids })).tasks as { nodes: DeployedTask[] };
    return ids.map((id) => nodes.find((task) => task.id === id)!);
  }

  /** The same, once all of them have ended. */
  ended(ids: readonly string[]): Promise<DeployedTask[]> {
    return vi.waitFor(
      async () => {
        const tasks = await this.tasks(ids);
        const open = tasks.filter(({ state }) => !FINAL.includes(state));
        if (open.length > 0)
          throw new Error(`${open.length} tasks have not ended, such as ${JSON.stringify(open[0])}`);
        return tasks;
      },
      { timeout: 25_000, interval: 50 },
    );
  }

  /** Asks the database itself. */
  sql<Row>(text: string): Promise<Row[]> {
    return runSql(this.env.DATABASE_URL!, text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scope.disposeAsync();
  }
}

async function start(
  scope: AsyncDisposableStack,
  args: readonly string[],
  options: Pick<ChildOptions, "cwd" | "env">,
): Promise<Child> {
  return scope.use(await startChild(process.execPath, [CLI, ...args], { ...options, name: args.join(" ") }));
}
