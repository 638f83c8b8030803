import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { limitErrors } from "../../../../../src/graphql/http/errors/format-error.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer, type TestServer } from "../test-server.ts";

type Shown = { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];

const unknownFields = (count: number): string => `{ node { ${wrongNames(count).join(" ")} } }`;
const wrongNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);
const wrongVariables = {
  query: `query (${wrongNames(40)
    .map((name) => `$${name}: Even`)
    .join(",")}) { ${wrongNames(18)
    .map((name) => `${name}: half(of: $${name})`)
    .join(" ")} }`,
  variables: Object.fromEntries(wrongNames(40).map((name) => [name, 1])),
};

test.each<[name: string, body: { query: string; variables?: object }, code: string, last: RegExp]>([
  [
    "validation",
    { query: unknownFields(60) },
    "GRAPHQL_VALIDATION_FAILED",
    /^41 more errors are not shown\.$/,
  ],
  [
    "validation that stops early",
    { query: unknownFields(500) },
    "GRAPHQL_VALIDATION_FAILED",
    /^At least 81 more errors are not shown\.$/,
  ],
])("errors of %s are 20 at most, over HTTP and on a WebSocket", async (_name, body, code, last) => {
  await using server = await startServer();
  for (const errors of await both(server, body)) {
    expect(errors).toHaveLength(20);
    expect(errors.at(-1)!.message).toMatch(last);
    expect(errors.at(-1)!.extensions).toMatchObject({ code, requestId: expect.any(String) });
  }
});

test("errors of variables are 20 at most", async () => {
  await using server = await startServer();
  const { body } = await server.post({
    query: "query ($x: [Even]) { echo(value: $x) }",
    variables: { x: Array.from({ length: 9_000 }, () => 1) },
  });
  expect(body.errors!.length).toBeLessThanOrEqual(20);
  expect(JSON.stringify(body).length).toBeLessThan(60_000);
  const many = await server.post(wrongVariables);
  expect(many.body.errors!.length).toBeLessThanOrEqual(20);
});

test("a large variable that does not fit is refused without quoting it for each of its mistakes", async () => {
  const schema = buildSchema("input In { a: Int, list: [In] } type Query { take(in: In): Int }");
  await using server = await startServer({ schema });
  const query = "query ($i: In) { take(in: $i) }";
  const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
  const reason = 'Field "k0" is not defined by type "In".';
  for (const [i, place] of [
    [keys, ""],
    [{ list: [{ a: 1 }, keys] }, ' at "i.list[1]"'],
  ] as const) {
    for (const errors of await both(server, { query, variables: { i } })) {
      expect(errors).toMatchObject([
        {
          message: `Variable "$i" got an invalid value${place}; ${reason}`,
          extensions: { code: "BAD_USER_INPUT" },
        },
      ]);
    }
  }
  const fits = await server.post({
    query,
    variables: { i: { list: Array.from({ length: 20_000 }, () => ({ a: 1 })) } },
  });
  expect(fits.body.errors).toBeUndefined();
});

test("errors of execution are counted exactly", () => {
  const errors = Array.from({ length: 200 }, (_, index) => ({
    message: `no ${index}`,
    extensions: { code: "X", requestId: "r" },
  }));
  const limited = limitErrors(errors);
  expect(limited).toHaveLength(20);
  expect(limited.at(-1)).toEqual({
    message: "181 more errors are not shown.",
    extensions: { code: "X", requestId: "r", moreErrors: 181 },
  });
  expect(limitErrors(errors.slice(0, 20))).toEqual(errors.slice(0, 20));
});

async function both(server: TestServer, body: { query: string; variables?: object }): Promise<Shown[]> {
  await using client = await openSocket(server.url);
  await client.init();
  const { query, ...rest } = body;
  client.subscribe("1", query, rest);
  const { payload } = await client.next();
  const { errors } = (await server.post(body)).body;
  return [errors as Shown, payload as Shown];
}
