import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { type Child, startChild } from "../support/child.ts";
import { freePort } from "../support/servers/free-port.ts";
import { freshDatabase, freshPrefix } from "../support/servers/global-servers.ts";
import { tempDir } from "../support/temp-dir.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const DEMO = fileURLToPath(new URL("../../dist/demo/*.tasks.js", import.meta.url));

export type Env = Readonly<Record<string, string | undefined>>;

/** A running Lovage: real processes of the built package. */
export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly children: readonly Child[];
}

/** The three ways to run it. */
export const DEPLOYMENTS: readonly {
  readonly kind: string;
  readonly start: (env: Env) => Promise<Running>;
}[] = [
  { kind: "up, embedded", start: startEmbedded },
  { kind: "up on PostgreSQL and Redis", start: startShared },
  { kind: "a server, a beat and two workers", start: startSeparate },
];

async function startEmbedded(env: Env): Promise<Running> {
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(await tempDir("lovage-e2e-"));
  const port = await freePort();
  const settings = {
    ...env,
    PORT: String(port),
    LOVAGE_EMBEDDED_DIR: folder.path,
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
  };
  return running(scope.move(), port, [await lovage(["up"], settings, /GraphiQL/)]);
}

async function startShared(env: Env): Promise<Running> {
  await using scope = new AsyncDisposableStack();
  const { settings, port } = await sharedSettings(scope, env);
  return running(scope.move(), port, [await lovage(["up", "--migrate"], settings, /GraphiQL/)]);
}

async function startSeparate(env: Env): Promise<Running> {
  await using scope = new AsyncDisposableStack();
  const { settings, port } = await sharedSettings(scope, env);
  const migrated = await lovage(["migrate"], settings);
  await migrated.exited;
  const server = await lovage(["server"], settings, /GraphiQL/);
  const workers = [
    await lovage(["worker", "-n", "one@e2e"], settings),
    await lovage(["worker", "-n", "two@e2e"], settings),
  ];
  const beat = await lovage(["beat"], settings, /Beat/);
  return running(scope.move(), port, [server, beat, ...workers]);
}

async function sharedSettings(scope: AsyncDisposableStack, env: Env) {
  const database = await freshDatabase();
  scope.defer(() => database.drop());
  const port = await freePort();
  const settings = {
    ...env,
    PORT: String(port),
    DATABASE_URL: database.url,
    REDIS_URL: inject("redisUrl"),
    LOVAGE_PREFIX: freshPrefix(),
  };
  return { settings, port };
}

async function lovage(args: readonly string[], env: Env, ready?: RegExp): Promise<Child> {
  const tasks = args[0] === "migrate" ? [] : ["--tasks", DEMO];
  const child = await startChild(process.execPath, [CLI, ...args, ...tasks], { env, name: args[0]! });
  if (ready) await child.waitForLine(ready, 60_000);
  return child;
}

function running(scope: AsyncDisposableStack, port: number, children: readonly Child[]): Running {
  return {
    url: `http://127.0.0.1:${port}`,
    children,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill("SIGTERM");
      for (const child of children) await child.exited;
      await scope.disposeAsync();
    },
  };
}
