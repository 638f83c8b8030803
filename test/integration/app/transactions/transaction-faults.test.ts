import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Child, startChild } from "../../../support/child.ts";
import { DEPLOYMENTS, type Deployment, shared } from "../../../support/deployments.ts";
import { order } from "./transaction-child.ts";

vi.setConfig({ testTimeout: 60_000 });

const CHILD = fileURLToPath(new URL("./transaction-child.ts", import.meta.url));
const ORDERS = "create table if not exists user_order (id int primary key, item text not null)";

/** A real process that dies in the given way. */
function child(what: "enqueue" | "write", { settings }: Deployment, more: object = {}): Promise<Child> {
  const args = ["--experimental-transform-types", CHILD, what, JSON.stringify({ ...settings, ...more })];
  return startChild(process.execPath, args, { name: what });
}

test.each(DEPLOYMENTS)(
  "killed right after the commit, before any hint is sent, the task still runs: $kind",
  async ({ kind, deploy }) => {
    await using deployment = await deploy();
    const prepared = await deployment.app([order], []);
    await prepared.em().execute(ORDERS);
    if (kind === "embedded") await prepared.stop(); // One process at a time.
    else await deployment.app([order]);
    await using process_ = await child("enqueue", deployment);
    const id = (await process_.waitForLine(/^committed/)).split(" ")[1]!;
    expect(await process_.exited).toMatchObject({ signal: "SIGKILL" });
    const app = await deployment.app([order]);
    const handle = await app.task(id);
    expect(await handle.result({ timeout: "30s" })).toEqual(expect.any(String));
    expect(await app.em().execute("select id from user_order order by id")).toEqual([{ id: 0 }, { id: 1 }]);
  },
);

describe("PostgreSQL", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await shared();
  });
  afterEach(() => deployment[Symbol.asyncDispose]());
  const orders = (app: App) => app.em().execute("select id, item from user_order order by id");

  test("a worker killed between a task's write and its commit leaves nothing, and the task runs again", async () => {
    const app = await deployment.app([order], ["maintenance"]);
    await app.em().execute(ORDERS);
    await using dying = await child("write", deployment, { workerName: "dying" });
    await dying.waitForLine(/started/);
    const handle = await app.enqueue(order, { id: 1, deadly: true });
    expect(await dying.exited).toMatchObject({ signal: "SIGKILL" });
    expect(await orders(app)).toEqual([]);
    await deployment.app([order], ["worker"], { workerName: "heir" });
    expect(await handle.result({ timeout: "20s" })).toBe("heir");
    expect(await orders(app)).toEqual([{ id: 1, item: "heir" }]);
    expect(await handle.read()).toMatchObject({ attempt: 1, crashCount: 1 });
  });

  test.each([
    { lost: "the answer to the COMMIT", passOn: true, runs: 1 },
    { lost: "the COMMIT itself", passOn: false, runs: 2 },
  ])("$lost is lost: the row has the outcome, and nothing is written twice", async ({ passOn, runs }) => {
    const maintenance = await deployment.app([], ["maintenance"]);
    await maintenance.em().execute(ORDERS);
    const [began, told] = [vi.fn<() => void>(), [] as string[]];
    const write = defineTask({
      name: "test.write",
      retry: { maxAttempts: 3, backoff: "fixed", initialDelay: "20ms", jitter: false },
      run: (_input, ctx) => {
        began();
        return ctx.transaction(async (em) => {
          await em.execute("insert into user_order values (1, 'written')");
          if (ctx.attempt === 1) proxy.cutNextCommit(passOn);
          return "done";
        });
      },
    });
    await using proxy = await CommitCutter.start(deployment.settings["databaseUrl"] as string);
    const app = await deployment.app([write], ["worker"], { databaseUrl: proxy.url });
    const handle = await app.enqueue(write, {});
    void (async () => {
      for await (const { type } of handle.events()) told.push(type);
    })();
    expect(await handle.result({ timeout: "20s" })).toBe("done");
    expect(proxy.cuts).toBe(1);
    expect(began).toHaveBeenCalledTimes(runs);
    expect(await orders(maintenance)).toHaveLength(1);
    expect(await handle.read()).toMatchObject({ state: "SUCCESS", attempt: runs });
    await vi.waitFor(() => expect(told.filter((type) => type === "SUCCEEDED")).toHaveLength(1));
  });

  test("transactions whose connections break leak no connection of the app", async () => {
    const broken = defineTask({
      name: "test.broken",
      retry: { maxAttempts: 1 },
      run: (_input, ctx) =>
        ctx.transaction(async (em) => {
          await em.execute("select pg_terminate_backend(pg_backend_pid())");
        }),
    });
    const app = await deployment.app([broken, order]);
    await app.em().execute(ORDERS);
    // More than the app has connections.
    const handles = await app.enqueueMany(
      broken,
      Array.from({ length: 25 }, () => ({ input: {} })),
    );
    for (const handle of handles) {
      await expect(handle.result({ timeout: "30s" })).rejects.toMatchObject({ name: "TaskFailedError" });
    }
    const handle = await app.enqueue(order, { id: 7 });
    await handle.result({ timeout: "10s" });
    expect(await orders(app)).toHaveLength(1);
  });

  test("a commit that PostgreSQL refuses fails the attempt, writes nothing and costs no connection", async () => {
    const doubled = defineTask({
      name: "test.doubled",
      input: z.object({ id: z.number() }),
      retry: { maxAttempts: 1 },
      // Each with a key of its own: two transactions that both wait to commit the same one would be
      // a deadlock.
      run: ({ id }, ctx) =>
        ctx.transaction(async (em) => {
          await em.execute("insert into deferred values (?), (?)", [id, id]);
        }),
    });
    const app = await deployment.app([doubled, order]);
    await app.em().execute(ORDERS);
    await app.em().execute("create table deferred (id int unique deferrable initially deferred)");
    const handles = await app.enqueueMany(
      doubled,
      Array.from({ length: 25 }, (_, id) => ({ input: { id } })),
    );
    for (const handle of handles)
      await expect(handle.result({ timeout: "20s" })).rejects.toThrow(/duplicate key/);
    expect(await app.em().execute("select * from deferred")).toEqual([]);
    await (await app.enqueue(order, { id: 8 })).result({ timeout: "10s" });
  });

  test("transactions that wait for each other leave connections for heartbeats, claims and outcomes", async () => {
    const gate = Promise.withResolvers<void>();
    let inside = 0;
    const waiting = defineTask({
      name: "test.waiting",
      run: (_input, ctx) =>
        ctx.transaction(async () => {
          inside += 1;
          await gate.promise;
        }),
    });
    const plain = defineTask({ name: "test.plain", run: () => "ran" });
    const app = await deployment.app([waiting, plain], undefined, { concurrency: 32 });
    const handles = await app.enqueueMany(
      waiting,
      Array.from({ length: 20 }, () => ({ input: {} })),
    );
    await vi.waitFor(() => expect(inside).toBe(5));
    expect(await (await app.enqueue(plain, {})).result({ timeout: "5s" })).toBe("ran");
    expect(inside).toBe(5);
    gate.resolve();
    await Promise.all(handles.map((handle) => handle.result({ timeout: "10s" })));
    expect(inside).toBe(20);
  });
});

/**
 * Stands between an app and PostgreSQL, and cuts the connection that sends the next COMMIT, before
 * or after PostgreSQL gets it.
 */
class CommitCutter implements AsyncDisposable {
  readonly #server = createServer((client) => this.#take(client));
  readonly #sockets = new Set<Socket>();
  #next: { readonly passOn: boolean } | null = null;
  cuts = 0;

  private readonly target: URL;
  private constructor(target: URL) {
    this.target = target;
  }

  static async start(databaseUrl: string): Promise<CommitCutter> {
    const cutter = new CommitCutter(new URL(databaseUrl));
    cutter.#server.listen(0, "127.0.0.1");
    await once(cutter.#server, "listening");
    return cutter;
  }

  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  cutNextCommit(passOn: boolean): void {
    this.#next = { passOn };
  }

  #take(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => (client.destroy(), server.destroy()));
    }
    client.on("data", (bytes) => {
      const cut = /\bcommit\b/i.test(bytes.toString("latin1")) ? this.#next : null;
      if (cut) this.#cut(client);
      if (!cut || cut.passOn) server.write(bytes);
      // PostgreSQL rolls back what is open when its client is gone.
      if (cut && !cut.passOn) server.destroy();
    });
    server.on("data", (bytes) => client.write(bytes));
  }

  #cut(client: Socket): void {
    this.#next = null;
    this.cuts += 1;
    client.pause();
    client.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
