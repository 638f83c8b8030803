import { buildSchema, getIntrospectionQuery, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { Documents } from "../../../../../src/graphql/http/documents/documents.ts";
import { findLimitProblem, QUERY_LIMITS } from "../../../../../src/graphql/http/documents/query-limits.ts";
import { startServer } from "../test-server.ts";

const problem = (source: string) => findLimitProblem(parse(source), QUERY_LIMITS);
const nested = (depth: number, leaf = "id"): string =>
  "child{".repeat(depth - 1) + leaf + "}".repeat(depth - 1);

describe("depth", () => {
  test("of exactly the limit passes, one more does not", () => {
    expect(problem(`{${nested(12)}}`)).toBeNull();
    expect(problem(`{${nested(30)}}`)).toEqual({
      code: "DEPTH_LIMIT",
      message: "Query depth 30 is over 12.",
    });
  });

  test("is counted through fragments, also inline ones", () => {
    const deep = { code: "DEPTH_LIMIT", message: "Query depth 14 is over 12." };
    expect(
      problem(`{ ...A } fragment A on Q { ${nested(7, "child{...B}")} } fragment B on Q { ${nested(7)} }`),
    ).toEqual({
      ...deep,
      message: "Query depth 14 is over 12.",
    });
    expect(problem(`{ ... on Q { ... { ${nested(14)} } } }`)).toEqual(deep);
  });

  test("is counted in every operation of a document", () => {
    expect(problem(`query A { id } query B { ${nested(13)} }`)?.code).toBe("DEPTH_LIMIT");
  });

  test("of the introspection query of tools passes", () => {
    const full = { descriptions: true, inputValueDeprecation: true, oneOf: true, specifiedByUrl: true };
    expect(
      problem(getIntrospectionQuery({ ...full, schemaDescription: true, directiveIsRepeatable: true })),
    ).toBeNull();
  });

  test("a fragment that is named like introspection is not introspection", () => {
    for (const name of ["__schema", "__type", "IntrospectionQuery"]) {
      expect(problem(`query ${name} { ...${name} } fragment ${name} on Q { ${nested(13)} }`)?.code).toBe(
        "DEPTH_LIMIT",
      );
    }
    expect(problem(`{ __schema: ${nested(13)} }`)?.code).toBe("DEPTH_LIMIT");
  });

  test("of introspection has its own limit, which fields beside it do not share", () => {
    const types = `type{${"ofType{".repeat(18)}name${"}".repeat(18)}}`;
    expect(problem(`{ __schema { ${types} } }`)?.message).toBe("Introspection depth 21 is over 20.");
    expect(problem(`{ __schema { types { name } } ${nested(13)} }`)?.message).toBe(
      "Query depth 13 is over 12.",
    );
  });
});

describe("counts", () => {
  const aliases = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}: id`).join(" ");

  test("aliases", () => {
    expect(problem(`{ node { ${aliases(30)} } }`)).toBeNull();
    expect(problem(`{ node { ${aliases(50)} } }`)).toEqual({
      code: "ALIAS_LIMIT",
      message: "50 aliases are over 30.",
    });
  });

  test("aliases of a fragment count each time it is spread", () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Q { x: node { ...F${i + 1} } y: node { ...F${i + 1} } }`,
    );
    const source = `{ ...F55 } ${doubling.join(" ")} fragment F60 on Q { id }`;
    expect(problem(source)?.code).toMatch(/ALIAS_LIMIT|DEPTH_LIMIT/);
    expect(problem(`{ a { ...F } b { ...F } } fragment F on Q { ${aliases(16)} }`)?.message).toBe(
      "32 aliases are over 30.",
    );
  });

  test("root fields, those of fragments too", () => {
    const hint = "send several requests, or use a mutation with an array argument, such as enqueueTasks.";
    expect(problem(`mutation { ${"add ".repeat(20)} }`)).toBeNull();
    expect(problem(`mutation { ${"add ".repeat(200)} }`)).toEqual({
      code: "ROOT_FIELD_LIMIT",
      message: `200 root fields are over 20; ${hint}`,
    });
    expect(problem(`{ ...F ... { ...F } } fragment F on Q { ${"id ".repeat(11)} }`)?.code).toBe(
      "ROOT_FIELD_LIMIT",
    );
  });

  test("directives, wherever they stand", () => {
    const many = "@include(if: true) ".repeat(21);
    const code = "DIRECTIVE_LIMIT";
    for (const source of [
      `{ id ${many} }`,
      `query ${many} { id }`,
      `query ($x: Int ${many}) { id }`,
      `{ ... ${many} { id } }`,
      `{ ...F ${many} } fragment F on Q { id }`,
      `{ ...F } fragment F on Q ${many} { id }`,
    ]) {
      expect(problem(source)?.code, source.slice(0, 40)).toBe(code);
    }
    expect(problem(`{ id ${"@include(if: true) ".repeat(20)} }`)).toBeNull();
  });

  test("fragments in a circle are left to the validation", () => {
    expect(problem("{ ...A } fragment A on Q { id ...B } fragment B on Q { id ...A }")).toBeNull();
    expect(problem("{ ...A } fragment A on Q { child { ...A } }")).toBeNull();
  });

  test("a fragment that does not exist is left to the validation", () => {
    expect(problem("{ ...Nowhere }")).toBeNull();
  });
});

describe("over HTTP", () => {
  test.each([
    ["3,000 x __typename", `{ ${"__typename ".repeat(3000)} }`, "TOKEN_LIMIT"],
    ["1,900 x __typename", `{ ${"__typename ".repeat(1900)} }`, "ROOT_FIELD_LIMIT"],
    [
      "200 x 100 inline fragments",
      `{ ${`${"...{".repeat(100)}hello${"}".repeat(100)} `.repeat(200)} }`,
      "TOKEN_LIMIT",
    ],
    ["nearly 1 MiB of brackets", `{ echo(value: ${"[".repeat(900_000)}`, /DEPTH_LIMIT|TOKEN_LIMIT/],
    ["nearly 1 MiB of one word", `{ ${"a ".repeat(450_000)} }`, "TOKEN_LIMIT"],
    ["deep", `{ node { ${nested(30)} } }`, "DEPTH_LIMIT"],
    [
      "aliases",
      `{ ${Array.from({ length: 19 }, (_, i) => `a${i}: node { b: id c: id }`).join(" ")} }`,
      "ALIAS_LIMIT",
    ],
  ])("%s are refused at once, with 400", async (_name, query, code) => {
    await using server = await startServer();
    await server.post({ query: "{ hello }" });
    const began = performance.now();
    const reply = await server.post({ query });
    expect(performance.now() - began).toBeLessThan(500);
    expect(reply.status).toBe(400);
    expect(reply.body.errors).toHaveLength(1);
    expect(reply.body.errors![0]!.extensions.code).toMatch(code);
  });

  test("the introspection query of tools works", async () => {
    await using server = await startServer();
    const reply = await server.post({ query: getIntrospectionQuery() });
    expect(reply.body.errors).toBeUndefined();
    expect(reply.body.data).toHaveProperty("__schema.types");
  });

  test("a circle of fragments is an error of validation", async () => {
    await using server = await startServer();
    const query =
      "{ node { ...A } } fragment A on Node { child { ...B } } fragment B on Node { child { ...A } }";
    const reply = await server.post({ query });
    expect(reply.body.errors![0]!.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(reply.body.errors![0]!.message).toContain("Cannot spread fragment");
  });
});

test("a document is parsed and validated once, however often it comes", () => {
  const documents = new Documents(buildSchema("type Query { hello: String }"), { introspection: true });
  const first = documents.read("{ hello }");
  if ("code" in first) throw new Error(first.message);
  expect(documents.read("{ hello }")).toBe(first);
  expect(documents.validate(first)).toBe(documents.validate(first));
});

test("documents that are no longer sent are evicted", () => {
  const documents = new Documents(buildSchema("type Query { hello: String }"), { introspection: true });
  const first = documents.read("{ hello }");
  const filler = "#".repeat(10_000);
  for (let i = 0; i < 60; i++) documents.read(`{ hello } ${filler}${i}`);
  expect(documents.read("{ hello }")).not.toBe(first);
});
