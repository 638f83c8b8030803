import {
  getIntrospectionQuery,
  getOperationAST,
  GraphQLError,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { buildSchema, getNamedType } from "graphql";
import { describe, expect, test } from "vitest";
import * as documents from "../../../../src/cli/client/generated/graphql.ts";
import { CostLimiter, COST_SETTINGS } from "../../../../src/graphql/cost/cost-limiter.ts";
import { ruleOf, RULED_FIELDS } from "../../../../src/graphql/cost/field-rules.ts";
import { buildLovageSchema } from "../../../../src/graphql/schema.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";
import { DEFINITIONS } from "../../../integration/graphql/definitions.ts";

const schema = buildLovageSchema(new Registry(DEFINITIONS.map((definition) => ({ definition, file: null }))));
const limiter = new CostLimiter(schema);

type Variables = Readonly<Record<string, unknown>>;

function check(source: string, variables?: Variables, operationName?: string, by = limiter) {
  const document = parse(source);
  return by.check(document, getOperationAST(document, operationName)!, variables);
}
const cost = (source: string, variables?: Variables): number => {
  const unlimited = { ...COST_SETTINGS, maxCost: Infinity, maxEventCost: Infinity };
  return check(source, variables, undefined, new CostLimiter(schema, unlimited)).requested;
};

/** The error that an operation is refused with. */
function refusal(source: string, variables?: Variables): GraphQLError {
  try {
    check(source, variables);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

describe("lists", () => {
  test("multiply by first, which may be a literal, a variable, its default, or absent", () => {
    expect(cost("{tasks(first:200){nodes{id name}}}")).toBe(1_212);
    expect(cost("query($n:Int){tasks(first:$n){nodes{id name}}}", { n: 200 })).toBe(1_212);
    expect(cost("query($n:Int=200){tasks(first:$n){nodes{id name}}}")).toBe(1_212);
    const standard = cost("{tasks{nodes{id name}}}");
    expect(standard).toBe(12 + 50 * 6);
    expect(cost("query($n:Int){tasks(first:$n){nodes{id name}}}")).toBe(standard);
    expect(cost("query($n:Int){tasks(first:$n){nodes{id name}}}", { n: null })).toBe(standard);
    expect(cost("{tasks(last:200){nodes{id name}}}")).toBe(1_212);
  });

  test.each([1e308, Infinity, -1, "many", [5], Number.NaN, 2n ** 70n])(
    "count for the maximum where first is %s, which is refused later",
    (n) => expect(cost("query($n:Int){tasks(first:$n){nodes{id name}}}", { n })).toBe(1_212),
  );

  test("within lists multiply each other, and the sum stays a safe integer", () => {
    const deep =
      "{tasks(first:200){nodes{definition{runs(first:200){nodes{definition{runs(first:200){nodes{id}}}}}}}}}";
    const { message, extensions } = refusal(deep);
    expect(extensions).toMatchObject({
      code: "COST_LIMIT",
      cost: {
        limit: 20_000,
        field: "tasks.nodes.definition.runs.nodes.definition.runs",
      },
    });
    const { requested, fieldCost } = extensions["cost"] as Record<string, number>;
    expect(requested).toBeGreaterThan(40_000_000);
    expect(fieldCost).toBeLessThan(requested!);
    expect(message).toContain(`costs ${requested}; the limit is 20000`);
    const nested = (levels: number): string =>
      levels === 0 ? "id" : `definition{runs(first:200){nodes{${nested(levels - 1)}}}}`;
    expect(cost(`{tasks(first:200){nodes{${nested(60)}}}}`)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("of definitions count for those that the server knows", () => {
    const many = { ...COST_SETTINGS, maxCost: Infinity, sizes: { taskDefinitions: 700 } };
    const source = "{taskDefinitions{name queueName}}";
    expect(check(source, {}, undefined, new CostLimiter(schema, many)).requested).toBe(1_401);
  });

  test("that a mutation is given count for its payload", () => {
    const source =
      "mutation($inputs:[EnqueueTaskInput!]!){enqueueTasks(input: { tasks: $inputs }){ids tasks{id state}}}";
    const inputs = Array.from({ length: 1_000 }, () => ({ name: "math.add" }));
    expect(cost(source, { inputs })).toBe(1 + 10 + 1_000 + 2 + 2_000);
    expect(cost('mutation{deleteSchedules(input: { select: { ids: ["1","2"] } }){deletedCount}}')).toBe(14);
  });
});

describe("weights", () => {
  test("of search, exact counts, facets and statistics are on top", () => {
    const page = cost("{tasks(first:1){nodes{id}}}");
    expect(cost('{tasks(first:1,filter:{search:"x"}){nodes{id}}}')).toBe(page + 4_000);
    expect(cost("query($f:TaskFilter){tasks(first:1,filter:$f){nodes{id}}}", { f: { search: "x" } })).toBe(
      page + 4_000,
    );
    expect(cost("query($s:String){tasks(first:1,filter:{search:$s}){nodes{id}}}", { s: "x" })).toBe(
      page + 4_000,
    );
    expect(cost('{tasks(first:1,filter:{search:" "}){nodes{id}}}')).toBe(page);
    expect(cost("{tasks(first:1){nodes{id}totalCount}}")).toBe(page + 501);
    expect(cost("{tasks(first:1){nodes{id}facets{names{value}}}}")).toBe(page + 1_002 + 10);
    expect(
      cost('mutation{revokeTasks(input: { select:{filter:{search:"x"}} }){affectedCount}}'),
    ).toBeGreaterThan(4_000);
    expect(cost("{overview{stats(window:LAST_WEEK){succeeded{at value}}}}")).toBe(
      1 + 10 + 1 + 10 + 1 + 2 * 169,
    );
  });

  test("are settings", () => {
    const weights = { ...COST_SETTINGS.weights, field: 3, row: 0 };
    const by = new CostLimiter(schema, { ...COST_SETTINGS, weights });
    expect(check("{tasks(first:5){nodes{id}}}", {}, undefined, by).requested).toBe(3 + 10 + 3 + 15);
  });

  test("count for each run of a preview", () => {
    expect(cost('{previewTiming(timing:{crontab:"* * * * *"},count:100){nextRuns}}')).toBe(1_002);
    const solar = "{solar:{event:SUNRISE,latitude:80,longitude:20}}";
    expect(cost(`{previewTiming(timing:${solar},count:100){nextRuns}}`)).toBe(5_002);
    expect(cost("{schedules(first:10){nodes{nextRuns(count:100)}}}")).toBe(12 + 10 * (4 + 1_001));
  });
});

describe("fragments", () => {
  const plain = cost("{tasks(first:9){nodes{id name queueName}}}");

  test.each([
    "{tasks(first:9){...P}} fragment P on TaskConnection{nodes{...T queueName}} fragment T on Task{id name}",
    "{tasks(first:9){...on TaskConnection{nodes{...{id}name queueName}}}}",
    "{tasks(first:9){nodes{id name queueName attempt @skip(if:true) state @include(if:false)}}}",
    "{tasks(first:9){nodes{id name queueName ...on Task @skip(if:true){attempt}}}}",
  ])("cost as much as their content: %s", (source) => {
    expect(validate(schema, parse(source))).toEqual([]);
    expect(cost(source)).toBe(plain);
  });

  test("that variables skip cost nothing", () => {
    const source =
      "query($all:Boolean!){tasks(first:9){nodes{id name queueName}totalCount @include(if:$all)}}";
    expect(cost(source, { all: false })).toBe(plain);
    expect(cost(source, { all: true })).toBe(plain + 501);
  });

  test("of a union cost as much as those of its most expensive member", () => {
    const update = cost("subscription{tasks{...on TaskUpdate{cursor task{id}}}}");
    expect(cost("subscription{tasks{...on TaskUpdate{cursor task{id}}...on StreamLag{skipped}}}")).toBe(
      update,
    );
    expect(update).toBe(1 + 1 + 1 + 4 + 1);
  });

  test("on an interface cost once for an object, whatever types it may have", () => {
    const shapes = buildSchema(
      "interface A{a:Int b:B} type X implements A{a:Int b:B x:Int} type Y implements A{a:Int b:B y:Int} type B{c:Int} type Query{a:A}",
    );
    const by = new CostLimiter(shapes);
    const of = (source: string): number => check(source, {}, undefined, by).requested;
    expect(of("{a{a b{c}}}")).toBe(4);
    expect(of("{a{a ...on X{x} ...on Y{y t:y}}}")).toBe(4);
    expect(of("{a{...on A{...on A{a}} ...F}} fragment F on A{b{c}}")).toBe(4);
  });

  test("that spread each other many times are measured in no time", () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) =>
        `fragment F${i} on TaskDefinition{runs(first:200){nodes{definition{...F${i + 1} ...F${i + 1}}}}}`,
    );
    const source = `{taskDefinitions{...F0}} ${doubling.join(" ")} fragment F60 on TaskDefinition{name}`;
    const began = performance.now();
    expect(refusal(source).extensions["code"]).toBe("COST_LIMIT");
    expect(performance.now() - began).toBeLessThan(200);
  });

  test("in a cycle, which validation refuses, end", () => {
    expect(
      cost("{server{...A}} fragment A on ServerInfo{version ...B} fragment B on ServerInfo{version ...A}"),
    ).toBe(3);
  });
});

describe("a subscription", () => {
  test("is refused by the cost of one event", () => {
    const event = "task{definition{runs(first:200){nodes{id name}}}}";
    expect(
      refusal(`subscription{tasks{...on TaskUpdate{${event} ${event.replace("task{", "again:task{")}}}}`),
    ).toMatchObject({
      message: expect.stringMatching(
        /^An event of this subscription costs \d+; the limit is 2000\..*LOVAGE_MAX_EVENT_COST/,
      ),
      extensions: { code: "COST_LIMIT" },
    });
  });
});

describe("room for real input", () => {
  const operations = Object.entries(documents).flatMap(([name, document]) =>
    name.endsWith("Document") ? [[name, String(document)] as const] : [],
  );

  test.each(operations)(
    "the command line's %s costs less than three quarters of the limit",
    (_name, source) => {
      const { requested, limit } = check(source);
      expect(requested).toBeLessThan(limit * 0.75);
    },
  );

  test("the introspection query of tools", () => {
    const { requested } = check(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }));
    expect(requested).toBeLessThan(10_000);
  });

  test("introspection that nests as far as validation allows is refused when it is repeated", () => {
    const leaf = "name description isDeprecated";
    const nested = `types{fields{type{fields{args{type{name}} type{name description} ${leaf}}}}}`;
    const aliased = Array.from({ length: 12 }, (_, i) => `a${i}:__schema{${nested}}`).join(" ");
    expect(refusal(`{${aliased}}`).extensions["code"]).toBe("COST_LIMIT");
  });

  test("a page of 200 tasks with every field of theirs that is a value", () => {
    const fields = Object.values(
      (schema.getType("Task") as never as { getFields(): object }).getFields(),
    ) as {
      name: string;
      type: never;
    }[];
    const values = fields.filter(({ type }) => !isObjectType(getNamedType(type))).map(({ name }) => name);
    expect(check(`{tasks(first:200){nodes{${values.join(" ")}}}}`).requested).toBeLessThan(10_000);
  });
});

test("each rule names a field of the schema, and each long list has a rule", () => {
  const lists: string[] = [];
  const fields = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      fields.add(`${type.name}.${field.name}`);
      const bare = isNonNullType(field.type) ? field.type.ofType : field.type;
      const { size, fromAbove } = ruleOf(type.name, field.name);
      if (
        isListType(bare) &&
        isObjectType(getNamedType(bare)) &&
        !size &&
        !fromAbove &&
        !type.name.startsWith("__")
      )
        lists.push(`${type.name}.${field.name}`);
    }
  }
  expect(RULED_FIELDS.filter((field) => !fields.has(field))).toEqual([]);
  // Those that hold few, or that nothing says the length of: they count for ten.
  expect(lists.filter((field) => !/\.(errors|replies)$/.test(field)).toSorted()).toEqual([
    "ControlEntry.changes",
    "LogUpdate.lines",
    "Query.queues",
    "Query.workers",
    "Subscription.queues",
    "Task.attempts",
    "TaskDefinition.concurrencyLimits",
    "TaskDefinition.workers",
    "TaskError.causes",
    "TaskExplanation.workers",
    "TaskFacets.names",
    "TaskFacets.queues",
    "TaskFacets.states",
    "TaskFacets.workers",
    "Worker.active",
    "Worker.definitions",
    "Worker.queues",
  ]);
});
