import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import { COST_SETTINGS } from "../../../../../src/graphql/cost/cost-limiter.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer } from "../test-server.ts";

/** Every field makes its query one of those that run one at a time. */
const COST = { ...COST_SETTINGS, weights: { ...COST_SETTINGS.weights, field: 1_000 } };

test("costly queries that reached the deadline while they waited never run, and delay no other", async () => {
  const release = Promise.withResolvers<number>();
  const begun: string[] = [];
  const field = (name: string, value: Promise<number> | number) => ({
    type: GraphQLInt,
    resolve: () => {
      begun.push(name);
      return value;
    },
  });
  const fields = {
    first: field("first", release.promise),
    waiting: field("waiting", 1),
    last: field("last", 2),
  };
  const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields }) });
  await using server = await startServer({ schema, cost: COST, limits: { operationTimeoutMs: 300 } });
  await using client = await openSocket(server.url);
  await client.init();
  const first = server.post({ query: "{ first }" });
  await expect.poll(() => begun).toEqual(["first"]);
  client.subscribe("1", "{ waiting }");
  const late = await Promise.all([1, 2, 3].map(() => server.post({ query: "{ waiting }" })));
  expect(late.map(({ status }) => status)).toEqual([504, 504, 504]);
  expect(await client.next()).toMatchObject({ payload: { errors: [{ extensions: { code: "TIMEOUT" } }] } });
  release.resolve(0);
  await first;
  await expect.poll(async () => (await server.post({ query: "{ last }" })).body.data).toEqual({ last: 2 });
  expect(begun.filter((name) => name === "waiting")).toEqual([]);
  expect(server.logs.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
});
