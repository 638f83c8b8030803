import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../../src/lib/uuid.ts";
import { type Api, openApi } from "./api.ts";
import { DEFINITIONS } from "./definitions.ts";
import { Lifecycle } from "./lifecycle.ts";
import { ScheduleCalls } from "./schedule-calls.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const NODES = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Task { queue { id } definition { id } }
  ... on Schedule { definition { id } } ... on Worker { name } ... on Queue { waiting } ... on TaskDefinition { name } } }`;

test("every object is returned again by its ID, in order, and null for one that is gone", async () => {
  const { worker } = await Lifecycle.begin(api, { name: "node@x" });
  const schedule = await new ScheduleCalls(api).made();
  const { enqueueMathAdd } = await api.data(
    "mutation { enqueueMathAdd(input: { x: 1, y: 2 }) { task { id } } }",
  );
  const task = enqueueMathAdd.task.id as string;
  const ids = [
    "definition:math.add",
    worker.id,
    newId(),
    "queue:default",
    task,
    schedule.id,
    "definition:none",
  ];
  const { nodes } = await api.data(NODES, { ids });
  const definition = { id: "definition:math.add" };
  expect(nodes).toEqual([
    { __typename: "TaskDefinition", ...definition, name: "math.add" },
    { __typename: "Worker", id: worker.id, name: "node@x" },
    null,
    { __typename: "Queue", id: "queue:default", waiting: 1 },
    { __typename: "Task", id: task, queue: { id: "queue:default" }, definition },
    { __typename: "Schedule", id: schedule.id, definition },
    null,
  ]);
  for (const id of ids.filter((_, index) => nodes[index] !== null)) {
    const { node } = await api.data("query ($id: ID!) { node(id: $id) { id } }", { id });
    expect(node).toEqual({ id });
  }
  const capitals = task.toUpperCase();
  expect(await api.data(NODES, { ids: [capitals] })).toMatchObject({ nodes: [{ id: task }] });
  expect(await api.data("query ($id: ID!) { task(id: $id) { id } }", { id: capitals })).toEqual({
    task: { id: task },
  });
});

test("a value that cannot be an ID is refused, and an impossible queue name has no node", async () => {
  const { errors } = await api.run(NODES, { ids: [newId(), "mail"] });
  expect(errors).toMatchObject([
    {
      extensions: { code: "BAD_USER_INPUT" },
      message: 'ids.1: expected a UUID, "queue:<name>" or "definition:<name>", got "mail".',
    },
  ]);
  const many = await api.run(NODES, { ids: Array.from({ length: 201 }, () => newId()) });
  expect(many.errors![0]!.message).toBe("ids: expected at most 200 IDs, got 201.");
  expect(await api.data(NODES, { ids: ["queue:../x", "queue:@\u0000"] })).toEqual({ nodes: [null, null] });
});
