import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { RefusedError } from "../../../../src/errors.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { openStream, type StreamReader, TRANSPORTS } from "../../../support/stream-client.ts";

/** Number of starts by input, in this process. */
const started: string[] = [];
const gates = new Map<string, () => void>();
const work = defineTask({
  name: "run.work",
  input: z.object({ name: z.string(), password: z.string().max(5).optional() }),
  output: z.object({ name: z.string() }),
  sensitive: ["password"],
  run: async ({ name }, ctx) => {
    started.push(name);
    for (let page = 1; page <= 3; page += 1) ctx.emit("page", page);
    if (name.startsWith("gate")) await new Promise<void>((resolve) => gates.set(name, resolve));
    return { name };
  },
});

let deployment: Deployment;
let url: string;
let limited: string;
beforeAll(async () => {
  deployment = await shared();
  const roles = ["maintenance", "worker", "server"] as const;
  const extensions = {
    middleware: [
      {
        name: "only our tags",
        enqueue: (call: { readonly options?: { readonly tags?: readonly string[] } }) => {
          if (call.options?.tags?.includes("forbidden"))
            throw new RefusedError([{ code: "FORBIDDEN", path: [], message: "Not yours." }]);
        },
      },
    ],
  };
  const app = await deployment.app([work], roles, {}, extensions as never);
  const small = await deployment.app([work], ["server"], { subscriptionLimits: { total: 1 } });
  [url, limited] = [app.describe().url!, small.describe().url!];
});
afterAll(() => deployment[Symbol.asyncDispose]());

const UPDATES = `__typename ... on StreamMessage { cursor } ... on TaskUpdate { type emitted { payload }
  task { id state output { ... on RunWorkOutput { name } } } }`;
const RUN = `subscription ($input: RunWorkInput!, $key: String!, $options: EnqueueOptions, $after: String) {
  runRunWork(input: $input, idempotencyKey: $key, options: $options, after: $after) { ${UPDATES} } }`;
const UNTYPED = `subscription ($input: RunTaskInput!) { runTask(input: $input) { ${UPDATES} } }`;

const nextUpdate = (reader: StreamReader) => reader.until(({ __typename }) => __typename === "TaskUpdate");
const updatesOf = async (reader: StreamReader) =>
  (await reader.rest()).filter(({ __typename }) => __typename === "TaskUpdate");

async function ask(query: string, at = url) {
  const response = await fetch(`${at}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- looked at field by field
  return ((await response.json()) as { data: any }).data;
}
async function tasksWith(tag: string): Promise<number> {
  return (await ask(`{ tasks(filter: { tags: ["${tag}"] }) { totalCount } }`)).tasks.totalCount;
}

describe.each(TRANSPORTS)("a client of %s", (transport) => {
  test("runs a task and receives each of its events until its end, typed and untyped", async () => {
    const [name, key] = [newId(), newId()];
    await using typed = openStream(transport, url, RUN, { input: { name }, key });
    const input = { name: "run.work", args: { name }, idempotencyKey: newId() };
    await using untyped = openStream(transport, url, UNTYPED, { input });
    for (const reader of [typed, untyped]) {
      const updates = await updatesOf(reader);
      expect(updates.map(({ type }) => type)).toEqual([
        "ENQUEUED",
        "STARTED",
        ...["EMITTED", "EMITTED", "EMITTED"],
        "SUCCEEDED",
      ]);
      expect(updates.flatMap(({ emitted }) => emitted?.payload ?? [])).toEqual([1, 2, 3]);
      expect(updates.at(-1).task.output).toEqual({ name });
    }
    expect(started.filter((other) => other === name)).toHaveLength(2);
  });

  test("that connects again attaches to its task; with a cursor it continues after what it had", async () => {
    const [name, key] = [`gate ${newId()}`, newId()];
    const variables = { input: { name }, key, options: { tags: [name] } };
    const first = openStream(transport, url, RUN, variables);
    const enqueued = await nextUpdate(first);
    expect(enqueued).toMatchObject({ type: "ENQUEUED" });
    await first[Symbol.asyncDispose]();
    await using resumed = openStream(transport, url, RUN, { ...variables, after: enqueued.cursor });
    expect(await nextUpdate(resumed)).toMatchObject({ type: "STARTED", task: { id: enqueued.task.id } });
    await using again = openStream(transport, url, RUN, variables);
    expect(await nextUpdate(again)).toMatchObject({ type: "STARTED", task: { id: enqueued.task.id } });
    gates.get(name)!();
    expect((await updatesOf(resumed)).map(({ type }) => type)).toEqual([
      ...["EMITTED", "EMITTED", "EMITTED"],
      "SUCCEEDED",
    ]);
    expect((await updatesOf(again)).at(-1)).toMatchObject({ type: "SUCCEEDED" });
    // The task is finished: the key still leads to it.
    await using late = openStream(transport, url, RUN, variables);
    expect(await late.rest()).toMatchObject([{ type: "SUCCEEDED", task: { id: enqueued.task.id } }]);
    expect([await tasksWith(name), started.filter((other) => other === name)]).toEqual([1, [name]]);
  });

  test("many clients with one key follow one task", async () => {
    const [name, key] = [newId(), newId()];
    const readers = Array.from({ length: 20 }, () =>
      openStream(transport, url, RUN, { input: { name }, key }),
    );
    const ends = await Promise.all(readers.map(async (reader) => (await updatesOf(reader)).at(-1)));
    expect(new Set(ends.map(({ task }) => task.id)).size).toBe(1);
    expect(started.filter((other) => other === name)).toHaveLength(1);
    await Promise.all(readers.map((reader) => reader[Symbol.asyncDispose]()));
  });

  test("is refused with the reason, and nothing is enqueued", async () => {
    const [tag, key] = [newId(), newId()];
    const refused = async (given: Record<string, unknown>) => {
      const variables = { input: { name: "n" }, key: newId(), ...given };
      const options = { tags: [tag], ...(given["options"] as object | undefined) };
      await using reader = openStream(transport, url, RUN, { ...variables, options });
      const [{ message, extensions }] = await reader.next().then(
        () => [{ message: "not refused", extensions: {} }],
        ({ errors }) => errors,
      );
      return [extensions.code, message];
    };
    expect(await refused({ after: "0-0.0" })).toEqual([
      "NOT_FOUND",
      expect.stringContaining("idempotencyKey: expected the key of a task that is kept"),
    ]);
    expect(await refused({ key: "" })).toEqual([
      "BAD_USER_INPUT",
      expect.stringMatching(/^idempotencyKey: expected /),
    ]);
    expect(await refused({ options: { idempotencyKey: "two" } })).toEqual([
      "BAD_USER_INPUT",
      "options: expected no idempotencyKey beside that of the run, got one.",
    ]);
    expect(await refused({ options: { uniqueKey: "u", onConflict: "REPLACE" } })).toEqual([
      "BAD_USER_INPUT",
      expect.stringContaining("idempotencyKey: cannot be given together with a unique key that replaces"),
    ]);
    expect(await refused({ options: { tags: [tag, "forbidden"] } })).toEqual(["FORBIDDEN", "Not yours."]);
    expect(await refused({ options: { tags: [tag, "forbidden"] }, after: "0-0.0" })).toEqual([
      "FORBIDDEN",
      "Not yours.",
    ]);
    const secret = await refused({ input: { name: "n", password: "hunter2-is-long" } });
    expect(secret).toEqual(["BAD_USER_INPUT", expect.stringMatching(/^input\.password: (?!.*hunter2)/)]);
    expect(await tasksWith(tag)).toBe(0);

    const name = `gate ${newId()}`;
    await using holder = openStream(transport, url, RUN, {
      ...{ input: { name }, key },
      options: { uniqueKey: name },
    });
    const { task } = await holder.until(({ type }) => type === "STARTED");
    expect(await refused({ key })).toEqual([
      "CONFLICT",
      `idempotencyKey: was used with another task or other input (task ${task.id}). Use a new key, or send the same input.`,
    ]);
    expect(await refused({ options: { uniqueKey: name } })).toEqual([
      "CONFLICT",
      expect.stringContaining(`options.uniqueKey: is held by the unfinished task ${task.id}.`),
    ]);
    gates.get(name)!();
    expect((await updatesOf(holder)).at(-1)).toMatchObject({ type: "SUCCEEDED" });
    expect(await tasksWith(tag)).toBe(0);
  });

  test("over the limit of subscriptions enqueues nothing", async () => {
    const watch = "subscription { tasks { __typename } }";
    await using first = openStream(transport, limited, watch);
    await first.next();
    const tag = newId();
    const variables = { input: { name: "n" }, key: newId(), options: { tags: [tag] } };
    await using second = openStream(transport, limited, RUN, variables);
    await expect(second.next()).rejects.toMatchObject({
      errors: [{ extensions: { code: "SUBSCRIPTION_LIMIT" } }],
    });
    expect(await tasksWith(tag)).toBe(0);
  });
});

test("GET, which a page of another site could send, never enqueues; fragments do not hide the field", async () => {
  const fields = `runTask(input: { name: "run.work", args: { name: "got" }, idempotencyKey: "got" }) { __typename }`;
  for (const query of [
    `subscription { ${fields} }`,
    `subscription { ...F } fragment F on Subscription { ${fields} }`,
    `subscription { runRunWork(input: { name: "got" }, idempotencyKey: "got") { __typename } }`,
  ]) {
    const response = await fetch(`${url}/graphql/stream?query=${encodeURIComponent(query)}`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "METHOD_NOT_ALLOWED" } }] });
  }
  expect(started).not.toContain("got");
});
