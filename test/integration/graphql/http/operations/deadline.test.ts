import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from "graphql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../../src/store/connection/pg-database.ts";
import { freshDatabase } from "../../../../support/servers/global-servers.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer, type TestServer } from "../test-server.ts";

const DEADLINE_MS = 600;
const SLOW = "{ slow second: slow third: slow fourth: slow }";

let database: PgDatabase;
let schema: GraphQLSchema;
let server: TestServer;
let begun = 0;
let drop: () => Promise<void>;

beforeEach(async () => {
  const fresh = await freshDatabase();
  drop = () => fresh.drop();
  begun = 0;
  database = new PgDatabase({ kind: "postgresql", url: fresh.url }, silentLogger);
  await database.connect();
  const slow = {
    type: GraphQLInt,
    resolve: async () => {
      begun += 1;
      await database.reads.run("select pg_sleep(30)");
    },
  };
  schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields: { slow } }) });
  const limits = { operationTimeoutMs: DEADLINE_MS };
  server = await startServer({ schema, scope: database.scope, limits });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await database.close();
  await drop();
});

async function expectNothingRuns(): Promise<void> {
  expect(begun).toBe(4);
  await expectStatements((count) => count === 0);
}

async function expectStatements(isRight: (count: number) => boolean): Promise<void> {
  const until = performance.now() + 2_000;
  for (;;) {
    const rows = await database.sql.run(
      "select query from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()",
    );
    if (isRight(rows.length)) return;
    if (performance.now() > until) expect(rows).toBe("as expected within 2 s");
  }
}

test("a request that takes too long leaves no statement behind in PostgreSQL", async () => {
  const { status, body } = await server.post({ query: SLOW });
  expect([status, body.errors?.[0]?.extensions["code"]]).toEqual([504, "TIMEOUT"]);
  await expectNothingRuns();
});

test("nor does an operation on a WebSocket", async () => {
  await using client = await openSocket(server.url);
  await client.init();
  client.subscribe("1", SLOW);
  expect(await client.next()).toMatchObject({
    type: "next",
    payload: { errors: [{ extensions: { code: "TIMEOUT" } }] },
  });
  await expectNothingRuns();
});

test("nor does an operation that its client completes; others on its WebSocket continue", async () => {
  await using patient = await startServer({ schema, scope: database.scope });
  await using client = await openSocket(patient.url);
  await client.init();
  client.subscribe("1", SLOW);
  await expectStatements((count) => count > 0);
  client.subscribe("2", "{ __typename }");
  expect(await client.next()).toMatchObject({ id: "2", type: "next" });
  expect(await client.next()).toMatchObject({ id: "2", type: "complete" });
  await expectStatements((count) => count > 0);
  client.send({ id: "1", type: "complete" });
  await expectNothingRuns();
  client.subscribe("1", "{ __typename }");
  expect(await client.next()).toMatchObject({ id: "1", type: "next" });
});
