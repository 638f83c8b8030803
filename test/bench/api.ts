import { Agent, request } from "node:http";
import { createApp } from "lovage";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { add } from "./bench.tasks.ts";
import { cpuSeconds, type Figure } from "./figures.ts";

const TASKS = 1_000;
const WARM_UP = 2_000;
const REQUESTS = 4_000;

const LIST = `query List { tasks(first: 50) { nodes { id name queueName state attempt createdAt } } }`;
const MUTATION = `mutation Add($input: BenchAddInput!) { enqueueBenchAdd(input: $input) { task { id } } }`;

interface Case {
  readonly what: string;
  readonly target: string;
  readonly query: string;
  readonly variables: (index: number) => object;
  /** Requests in flight, each on its own connection. */
  readonly inFlight: number;
}

const CASES: readonly Case[] = [
  {
    what: "list of 50 tasks, six fields, server's CPU",
    target: "≤ 1.5 ms",
    query: LIST,
    variables: () => ({}),
    inFlight: 1,
  },
  ...[1, 64].map((inFlight) => ({
    what: `typed mutation, ${inFlight} at a time, server's CPU`,
    target: inFlight === 1 ? "" : "≤ 0.2 ms",
    query: MUTATION,
    variables: (x: number) => ({ input: { x, y: 1 } }),
    inFlight,
  })),
];

/** CPU of a server process per request. PostgreSQL with fsync, Redis. */
export async function benchApi(cli: string, tasksFile: string): Promise<Figure[]> {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const settings = { databaseUrl: await postgres.createDatabase(), redisUrl: redis.url };
  await using app = createApp({
    tasks: [add],
    roles: [],
    config: { ...settings, migrate: true, logLevel: "warn" },
  });
  await app.start();
  await app.enqueueMany(
    add,
    Array.from({ length: TASKS }, (_, x) => ({ input: { x, y: 1 } })),
  );
  const env = { DATABASE_URL: settings.databaseUrl, REDIS_URL: settings.redisUrl };
  const flags = ["server", "--tasks", tasksFile, "--port", "0", "--json"];
  await using server = await startChild(process.execPath, [cli, ...flags], { env, name: "server" });
  const ready = JSON.parse(await server.waitForLine(/"event":"ready"/, 60_000)) as { url: string };
  const url = new URL("/graphql", ready.url);
  const figures: Figure[] = [];
  for (const { what, target, query, variables, inFlight } of CASES) {
    const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
    const send = async (count: number): Promise<void> => {
      let next = 0;
      const some = async (): Promise<void> => {
        while (next < count) await post(url, agent, JSON.stringify({ query, variables: variables(next++) }));
      };
      await Promise.all(Array.from({ length: inFlight }, some));
    };
    await send(WARM_UP);
    const before = await cpuSeconds(server.pid);
    await send(REQUESTS);
    const ms = (((await cpuSeconds(server.pid)) - before) / REQUESTS) * 1_000;
    figures.push({ what, value: `${ms.toFixed(2)} ms`, target });
    agent.destroy();
  }
  return figures;
}

async function post(url: URL, agent: Agent, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent = request(url, { agent, method: "POST", headers: { "content-type": "application/json" } });
  sent.once("error", reject);
  sent.once("response", (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.once("end", () => {
      if (response.statusCode === 200 && !text.includes('"errors"')) resolve();
      else reject(new Error(`The server replied ${response.statusCode}: ${text.slice(0, 500)}`));
    });
  });
  sent.end(body);
  await promise;
}
