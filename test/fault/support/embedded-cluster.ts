import { PGlite } from "@electric-sql/pglite";
import { type Child, type ChildExit, startChild } from "../../support/child.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { Client } from "./client.ts";
import { History } from "./history.ts";
import { type Ask, Checker } from "./checker.ts";
import { QUICK, READY, TASKS, type Env } from "./cluster.ts";
import { CLI } from "./migrated.ts";

/** So many tasks are under way at once. */
export const EMBEDDED_SLOTS = 8;

/** One folder with an embedded database, and the processes that open it one after the other. */
export interface EmbeddedCluster extends AsyncDisposable {
  /**
   * Asks the database itself, in this process: only while no other one has the folder, that is
   * before `up` or after its end.
   */
  readonly checker: Checker;
  readonly history: History;
  /** Folder of the embedded database. */
  readonly folder: string;
  /** A client of whichever process answers on the port of this cluster. */
  client(): Client;
  /**
   * Starts `lovage up` on the folder; resolves when the process runs, which is before it has opened
   * anything.
   */
  begin(): Promise<Child>;
  /** Starts `lovage up` and resolves when it answers. */
  up(): Promise<Child>;
  /** Starts a second one, on another port, which must not get in; resolves with how it ended. */
  intrude(): Promise<ChildExit & { readonly said: string }>;
}

export async function startEmbeddedCluster(): Promise<EmbeddedCluster> {
  await using scope = new AsyncDisposableStack();
  const directory = scope.use(await tempDir("lovage-embedded-"));
  const folder = `${directory.path}/lovage`;
  const history = new History(`${directory.path}/history`);
  await history.create();
  const port = await freePort();
  const settings: Env = {
    ...QUICK,
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
    LOVAGE_EMBEDDED_DIR: folder,
    FAULT_HISTORY: history.path,
    LOVAGE_CONCURRENCY: String(EMBEDDED_SLOTS),
    PORT: String(port),
    NODE_NO_WARNINGS: "1",
  };
  const children: Child[] = [];
  scope.defer(async () => {
    for (const child of children) await child[Symbol.asyncDispose]();
  });
  const start = async (...flags: readonly string[]): Promise<Child> => {
    const args = [CLI, "up", "--tasks", TASKS, ...flags];
    const child = await startChild(process.execPath, args, { env: settings, name: "up" });
    children.push(child);
    return child;
  };
  // Makes the tables, for the checker to watch.
  const first = await start();
  await first.waitForLine(READY, 60_000);
  first.kill("SIGTERM");
  await first.exited;
  const inspector = scope.use(new Inspector(`${folder}/data`));
  const checker = new Checker(inspector.ask, [], "", history);
  await checker.watch();
  const begin = async (): Promise<Child> => {
    await inspector.leave();
    return start();
  };
  const held = scope.move();
  return {
    ...{ checker, history, folder, begin },
    client: () => new Client(() => `http://127.0.0.1:${port}`),
    up: async () => {
      const child = await begin();
      await child.waitForLine(READY, 60_000);
      return child;
    },
    intrude: async () => {
      const child = await start("--port", "0");
      // One that got in would run for ever.
      const entered = child.waitForLine(READY, 60_000).then(
        () => child.kill("SIGKILL"),
        () => undefined,
      );
      const exit = await child.exited;
      await entered;
      return { ...exit, said: child.output };
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Opens the folder itself, past Lovage and its lock, when it is first asked. */
class Inspector implements AsyncDisposable {
  #database: Promise<PGlite> | null = null;

  constructor(private readonly folder: string) {}

  readonly ask: Ask = async <Row>(text: string, values: readonly unknown[]) => {
    this.#database ??= PGlite.create({ dataDir: this.folder });
    const database = await this.#database;
    if (values.length > 0) return (await database.query<Row>(text, [...values])).rows;
    return (await database.exec(text)).at(-1)!.rows as Row[];
  };

  /** Lets go of the folder, for others to open it. */
  async leave(): Promise<void> {
    const database = await this.#database;
    this.#database = null;
    await database?.close();
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.leave();
}
