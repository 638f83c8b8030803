import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { openSocket } from "../../../support/socket-client.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";

const add = defineTask({ name: "test.add", run: () => 1 });
/** Waits for as long as the table is locked. */
const SLOW = "{ schedules(first: 1) { nodes { id } } }";
const ENQUEUE = 'mutation { enqueueTask(input: { name: "test.add" }) { task { id } errors { message } } }';

describe("a server whose callers read more than PostgreSQL can serve", () => {
  let deployment: Deployment;
  let app: App;
  let holder: Client;
  let observer: Client;
  beforeEach(async () => {
    deployment = await shared();
    app = await deployment.app([add], ["server"]);
    const connectionString = String(deployment.settings["databaseUrl"]);
    [holder, observer] = [new Client({ connectionString }), new Client({ connectionString })];
    await Promise.all([holder.connect(), observer.connect()]);
    await holder.query("begin; lock table lovage.schedule in access exclusive mode");
  });
  afterEach(async () => {
    await Promise.all([holder.end(), observer.end()]);
    await deployment[Symbol.asyncDispose]();
  });

  const post = async (query: string, signal?: AbortSignal) => {
    const response = await fetch(`${app.describe().url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
      ...(signal ? { signal } : {}),
    });
    return (await response.json()) as {
      data?: { enqueueTask: { errors: unknown[] } };
      errors?: { extensions: object }[];
    };
  };
  const reading = async (): Promise<number> => {
    const { rows } = await observer.query(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows[0].n;
  };

  test("still accepts enqueues at once, and names the exhausted resource to readers", async () => {
    const readers = Array.from({ length: 40 }, () => post(SLOW));
    await vi.waitFor(async () => expect(await reading()).toBe(5), { timeout: 3_000 });
    const before = performance.now();
    const { data } = await post(ENQUEUE);
    expect(data?.enqueueTask.errors).toEqual([]);
    expect(performance.now() - before).toBeLessThan(1_500);
    const answers = await Promise.all(readers);
    const reasons = new Set(answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions)));
    for (const extensions of reasons)
      expect(extensions).toMatchObject({
        code: "SERVICE_UNAVAILABLE",
        reason: expect.stringMatching(/^(POOL_FULL|LOCK_TIMEOUT)$/),
        retryAfter: expect.any(Number),
      });
    expect(reasons.size).toBe(40);
  });

  test("cancels statements in PostgreSQL of clients that left, by HTTP and by WebSocket", async () => {
    const gone = new AbortController();
    const request = post(SLOW, gone.signal).catch((error: Error) => error.name);
    const client = await openSocket(`${app.describe().url}`);
    await client.init();
    client.subscribe("1", SLOW);
    await vi.waitFor(async () => expect(await reading()).toBe(2), { timeout: 3_000 });
    gone.abort();
    expect(await request).toBe("AbortError");
    await vi.waitFor(async () => expect(await reading()).toBe(1), { timeout: 2_000 });
    client.socket.terminate();
    await vi.waitFor(async () => expect(await reading()).toBe(0), { timeout: 2_000 });
  });
});
