import { describe, expect, test } from "vitest";
import { type RoutingOptions, Router } from "../../../src/engine/enqueue/router.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import type { RoutedTask } from "../../../src/task/call/route.ts";

const run = (): null => null;
const mail = defineTask({ name: "mail.send", run });
const report = defineTask({ name: "report.make", queue: "reports", run });
const urgent = defineTask({ name: "mail.urgent", priority: "CRITICAL", run });

function router(options: Partial<RoutingOptions>): Router {
  const registry = new Registry([mail, report, urgent].map((definition) => ({ definition, file: null })));
  return new Router(registry, { routes: [], queuePolicy: "create", knownQueues: [], ...options });
}
const taskOf = (definition: { readonly name: string }, args = {}): (() => RoutedTask) => {
  return () => ({ name: definition.name, args, options: {}, tags: [] });
};

describe("the order of rules", () => {
  const routed = router({ routes: [{ match: "*", queue: "routed", priority: "LOW" }] });
  const never = (): never => {
    throw new Error("no route should be asked");
  };

  test("the call, before the definition, before the routes, before the default", () => {
    const said = { queue: "said", priority: "HIGH" } as const;
    expect(routed.destinationOf(report, said, never)).toEqual({ ...said, route: null });
    expect(routed.destinationOf(report, {}, taskOf(report))).toMatchObject({
      queue: "reports",
      priority: "LOW",
    });
    expect(routed.destinationOf(mail, {}, taskOf(mail))).toMatchObject({ queue: "routed", priority: "LOW" });
    expect(router({}).destinationOf(mail, {}, never)).toEqual({
      queue: "default",
      priority: "NORMAL",
      route: null,
    });
  });

  test("queue and priority each for themselves", () => {
    expect(routed.destinationOf(urgent, {}, taskOf(urgent))).toMatchObject({
      queue: "routed",
      priority: "CRITICAL",
    });
    expect(routed.destinationOf(mail, { priority: "HIGH" }, taskOf(mail))).toMatchObject({
      queue: "routed",
      priority: "HIGH",
    });
  });

  test("the first route that matches, and no later one", () => {
    const made = router({
      routes: [
        { match: "report.*", queue: "other" },
        () => undefined,
        () => null,
        { match: /^mail\./g, priority: "HIGH" },
        { queue: "last" },
      ],
    });
    // Twice: a regular expression with the flag g remembers where it was.
    for (const _ of [1, 2])
      expect(made.destinationOf(mail, {}, taskOf(mail))).toEqual({
        queue: "default",
        priority: "HIGH",
        route: { index: 3, priority: "HIGH" },
      });
  });

  test("functions see the task", () => {
    const routes = router({
      routes: [
        {
          match: (task) => task.name === "mail.send",
          queue: ({ args }) => `mail-${(args as { to: string }).to}`,
        },
        ({ tags }) => ({ queue: tags.length === 0 ? "untagged" : "tagged", priority: "LOW" }),
      ],
    });
    expect(routes.destinationOf(mail, {}, taskOf(mail, { to: "at" })).queue).toBe("mail-at");
    expect(routes.destinationOf(urgent, {}, taskOf(urgent))).toMatchObject({
      queue: "untagged",
      priority: "CRITICAL",
    });
  });
});

test.each<[what: string, route: unknown, message: RegExp]>([
  ["throws", () => JSON.parse("no"), /^Route 0 failed: SyntaxError: /],
  ["throws no error", () => Promise.reject.call(null), /^Route 0 failed: TypeError/],
  ["gives a number", () => 7, /^Route 0 gave 7; expected the name of a queue/],
  ["gives a promise", async () => "mail", /^Route 0 gave "a promise"; expected/],
  ["gives a bad name", () => "my queue", /^Route 0 gave "my queue"; expected the name of a queue/],
  ["gives a worker's queue", () => "@worker@host", /expected the name of a queue/],
  [
    "gives a bad priority",
    () => ({ queue: "q", priority: "high" }),
    /gave as its priority "high"; expected one of LOW/,
  ],
  ["has a queue function without an answer", { queue: () => undefined }, /gave as its queue null; expected/],
  [
    "matches by a promise",
    { match: async () => false, queue: "q" },
    /match: expected true or false, got a promise/,
  ],
])("a route that %s is reported", (_what, route, message) => {
  const routes = [route] as RoutingOptions["routes"];
  expect(() => router({ routes }).destinationOf(mail, {}, taskOf(mail))).toThrow(message);
});

test("limits that a definition's tasks may meet are known unless a function decides", () => {
  const routes: RoutingOptions["routes"] = [
    { match: () => true, queue: "sometimes" },
    { match: "mail.*", queue: () => "asked" },
    { match: "mail.?end", queue: "mail", priority: "HIGH" },
    { match: "*", queue: "rest" },
  ];
  const made = router({ routes, knownQueues: ["spare"] });
  expect(made.defaults(mail)).toEqual({
    queue: "mail",
    priority: "HIGH",
    queues: ["sometimes", "mail", "mail"],
  });
  expect(made.defaults(report)).toMatchObject({ queue: "reports", queues: ["reports"] });
  expect(made.defaults(urgent)).toMatchObject({ queue: "rest", priority: "CRITICAL" });
  expect(made.queuesOfDefinitions().sort()).toEqual(["default", "mail", "reports", "rest", "sometimes"]);
  expect(made.knownQueues).toEqual(["default", "mail", "reports", "rest", "sometimes", "spare"]);
});

test("unknown queues are refused where that is asked for, with the nearest that exists", () => {
  const made = router({ routes: [{ queue: "high" }], queuePolicy: "refuse", knownQueues: ["spare"] });
  for (const queue of ["default", "reports", "high", "spare", "@worker@host"])
    expect(made.findQueueProblem(queue)).toBeNull();
  expect(made.findQueueProblem("hig")).toEqual({
    message: 'Queue "hig" does not exist.',
    hint: 'Did you mean "high"?',
  });
  expect(made.findQueueProblem("zzz")?.hint).toContain("Known: default, high, reports, spare");
  expect(router({}).findQueueProblem("zzz")).toBeNull();
});
