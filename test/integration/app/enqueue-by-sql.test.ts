import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../src/app/app.ts";
import type { EnqueueOptions } from "../../../src/task/call/enqueue-options.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

vi.setConfig({ testTimeout: 30_000 });

const run = (): null => null;
const input = z.object({ to: z.string(), copies: z.int().default(1), cc: z.array(z.string()).optional() });
const send = defineTask({ name: "mail.send", input, output: z.string(), run: ({ to }) => to });
const plain = defineTask({ name: "sql.plain", queue: "nowhere", run });
const full = defineTask({
  name: "sql.full",
  queue: "nowhere",
  priority: "HIGH",
  retry: { maxAttempts: 7, for: "1h" },
  timeLimit: "1m",
  softTimeLimit: "30s",
  tags: ["b", "a"],
  resultsExpire: { success: "1h", failure: "2h" },
  ignoreResult: true,
  rateLimit: "10/s",
  run,
});
const others: readonly AnyTaskDefinition[] = [
  defineTask({ name: "sql.secret", input: z.object({ pin: z.string() }), sensitive: ["pin"], run }),
  defineTask({ name: "sql.unique", uniqueKey: () => "key", run }),
  defineTask({ name: "sql.limited", concurrency: { max: 1, key: "customer" }, run }),
];

/** Options of calls, as JSON: those of SQL are those of GraphQL. */
const OPTIONS: readonly Record<string, unknown>[] = [
  {},
  { queue: "elsewhere", priority: "CRITICAL", tags: ["a", "c", "c"], meta: { a: [1, null] } },
  { worker: "worker@host", priority: "LOW", maxAttempts: 1000 },
  { delay: "5m", expiresIn: "PT1H30M" },
  { delay: 1500, timeLimit: "50s", softTimeLimit: "2.5s" },
  { delay: "0.25 h", ignoreResult: false, resultsExpire: "1d" },
  { delay: "P1DT0.5S", ignoreResult: true, resultsExpire: { all: "2d", failure: "30d" } },
  { runAt: "2031-05-01T09:00:00.123Z", timeLimit: "1h" },
  { runAt: "2001-05-01T09:00:00+02:00", expiresIn: 60_000, softTimeLimit: 10 },
];

/** Objects in objects. */
const nested = (depth: number): object => (depth === 1 ? {} : { x: nested(depth - 1) });

/** Options and inputs that both refuse, with the beginning of the message. */
const REFUSED: readonly (readonly [string, unknown, unknown, string])[] = [
  ["mail.sent", {}, {}, 'task: "mail.sent" is not registered'],
  ["mail.send", {}, {}, "input.to: is required"],
  ["mail.send", { to: 7 }, {}, "input.to: must be of type string, got 7"],
  ["mail.send", { to: "x", copies: 1.5 }, {}, "input.copies: must be of type integer, got 1.5"],
  ["mail.send", { to: "x", cc: ["y", 1] }, {}, "input.cc.1: must be of type string, got 1"],
  ["mail.send", { to: "x", bcc: "y" }, {}, "input.bcc: is not allowed. Allowed: "],
  ["sql.plain", { text: "x".repeat(300_000) }, {}, "input: is 292 KiB; the limit is 256 KiB"],
  ["sql.plain", {}, [], "options: must be an object"],
  ["sql.plain", {}, { prio: "HIGH" }, "options.prio: is not an option of a call"],
  ["sql.plain", {}, { priority: "high" }, "options.priority: must be one of LOW"],
  ["sql.plain", {}, { queue: "a b" }, "options.queue: must be a letter or digit"],
  ["sql.plain", {}, { queue: "q", worker: "w" }, "options.worker: excludes queue"],
  ["sql.plain", {}, { delay: "soon" }, "options.delay: must be a duration such as"],
  ["sql.plain", {}, { delay: "-1s" }, "options.delay: must be a duration such as"],
  ["sql.plain", {}, { delay: "3654d" }, "options.delay: must be at most 3653 days"],
  [
    "sql.plain",
    {},
    { delay: "1m", runAt: "2031-05-01T09:00:00Z" },
    "options.delay: cannot be given together",
  ],
  ["sql.plain", {}, { runAt: "tomorrow" }, "options.runAt: must be a timestamp"],
  ["sql.plain", {}, { runAt: "2031-02-30T09:00:00Z" }, "options.runAt: must be a timestamp"],
  ["sql.plain", {}, { runAt: "2031-05-01T09:00:00+99:99" }, "options.runAt: must be a timestamp"],
  ["sql.plain", {}, { runAt: "2031-05-01T23:59:60Z" }, "options.runAt: must be a timestamp"],
  ["sql.plain", {}, { delay: `${"9".repeat(200_000)}s` }, `options.delay: must be a duration such as`],
  ["sql.plain", {}, { delay: `PT${"9".repeat(200_000)}S` }, `options.delay: must be a duration such as`],
  ["sql.plain", nested(33), {}, "input: is nested more than 32 deep"],
  ["sql.plain", {}, { meta: nested(33) }, "options.meta: is nested more than 32 deep"],
  ["sql.plain", {}, { delay: "1m", expiresIn: "30s" }, "options.expiresIn: must end after the task is due"],
  ["sql.plain", {}, { maxAttempts: 0 }, "options.maxAttempts: must be an integer from 1 to 1000"],
  ["sql.plain", {}, { timeLimit: 0 }, "options.timeLimit: must be above zero"],
  ["sql.full", {}, { timeLimit: "20s" }, "options.timeLimit: the soft time limit must be shorter"],
  ["sql.plain", {}, { uniqueKey: "" }, "options.uniqueKey: must be 1 to 255 characters"],
  ["sql.plain", {}, { onConflict: "REJECT" }, "options.onConflict: needs a uniqueKey"],
  [
    "sql.plain",
    {},
    { uniqueKey: "k", onConflict: "REPLACE" },
    "options.onConflict: cannot be used in a transaction",
  ],
  ["sql.plain", {}, { uniqueKey: "k", debounce: "1s" }, "options.debounce: cannot be used in a transaction"],
  ["sql.plain", {}, { tags: "a" }, "options.tags: must be an array of strings"],
  ["sql.plain", {}, { tags: [1] }, "options.tags: must each be 1 to 128 characters"],
  ["sql.plain", {}, { meta: [] }, "options.meta: must be an object"],
  ["sql.plain", {}, { resultsExpire: { done: "1d" } }, "options.resultsExpire.done: is not a final state"],
  ["sql.plain", {}, { ignoreResult: "yes" }, "options.ignoreResult: must be true or false"],
];

/** All that a row holds but its identity; times count from its creation. */
const COMPARED = `
  select to_jsonb(t) - array['id','version','created_at','queued_at','run_at','expires_at','options'] as row, t.options - 'firstDueMs' as options,
         case when t.run_at - t.created_at < interval '1000 days' then (t.options -> 'firstDueMs')::text else (t.options -> 'firstDueMs' is not null)::text end as first,
         t.queued_at = t.created_at as "isQueuedNow", t.expires_at - t.created_at as "expiresIn",
         case when t.run_at - t.created_at < interval '1000 days' then (t.run_at - t.created_at)::text else t.run_at::text end as due
    from lovage.task t where t.id = ?`;

describe.each(DEPLOYMENTS)("lovage.enqueue: $kind", ({ kind, deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([send, plain, full, ...others], ["maintenance", "worker"], {
      queues: ["default"],
    });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  const bySql = async (name: string, args: unknown, options: unknown = {}): Promise<string> => {
    const parameters = [name, JSON.stringify(args), JSON.stringify(options)];
    const rows = await app
      .em()
      .execute<{ id: string }[]>("select lovage.enqueue(?, ?::jsonb, ?::jsonb) as id", parameters);
    return rows[0]!.id;
  };
  const compared = async (id: string): Promise<unknown> => (await app.em().execute(COMPARED, [id]))[0];

  test.each([plain, full])("makes the same row as the enqueuer: $name", async (definition) => {
    for (const options of OPTIONS) {
      const { runAt, ...rest } = options;
      const given = {
        ...rest,
        ...(runAt === undefined ? {} : { runAt: new Date(runAt as string) }),
      } as EnqueueOptions;
      const made = await app.enqueue(definition, {} as never, given);
      const [one, other] = [
        await compared(made.id),
        await compared(await bySql(definition.name, {}, options)),
      ];
      expect(other, JSON.stringify(options)).toEqual(one);
    }
  });

  test("the task runs within about a second of the commit, and not after a rollback", async () => {
    const id = await bySql("mail.send", { to: "Ada" });
    const handle = await app.task(id);
    expect(await handle.result({ timeout: "5s" })).toBe("Ada");
    expect(await handle.read()).toMatchObject({ state: "SUCCESS", input: { to: "Ada" }, queue: "default" });
    const ids: string[] = [];
    const rolledBack = app.em().transactional(async (em) => {
      const rows = await em.execute<{ id: string }[]>(
        `select lovage.enqueue('mail.send', '{"to":"Bob"}') as id`,
      );
      ids.push(rows[0]!.id);
      throw new Error("no");
    });
    await expect(rolledBack).rejects.toThrow("no");
    await expect(app.task(ids[0]!)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("keys mean the same as in any enqueue", async () => {
    const options = { idempotencyKey: "i", uniqueKey: "u" };
    const first = await bySql("sql.plain", { x: 1 }, options);
    expect(await bySql("sql.plain", { x: 1 }, options)).toBe(first);
    expect(await bySql("sql.plain", { x: 2 }, { uniqueKey: "u" })).toBe(first);
    expect((await app.enqueue(plain, { x: 1 } as never, options)).id).toBe(first);
    await expect(bySql("sql.plain", { x: 2 }, { idempotencyKey: "i" })).rejects.toThrow(
      `options.idempotencyKey: was used with another task or other input (task ${first})`,
    );
    await expect(bySql("sql.plain", {}, { uniqueKey: "u", onConflict: "REJECT" })).rejects.toThrow(
      `options.uniqueKey: "u" is held by the unfinished task ${first}`,
    );
  });

  test("it refuses invalid values with path and rule", async () => {
    for (const [name, args, options, message] of REFUSED)
      await expect(bySql(name, args, options), message).rejects.toThrow(
        expect.toSatisfy(
          ({ message: raised, code }: Error & { code?: string }) =>
            raised.includes(message) && raised.length < 2_000 && code === "22023",
        ),
      );
    for (const { name } of others)
      await expect(bySql(name, { pin: "1" })).rejects.toThrow(
        `task: "${name}" cannot be enqueued by SQL: its `,
      );
  });

  test("it takes the deepest input and the largest numbers that the enqueuer takes, and no others", async () => {
    await bySql("sql.plain", nested(32));
    await bySql("sql.plain", { x: [Number.MAX_VALUE, -Number.MAX_VALUE] });
    for (const number of ["1e400", "-1e400", "1.8e308"])
      await expect(
        app.em().execute("select lovage.enqueue('sql.plain', ?::jsonb)", [`{"x": [{"y": ${number}}]}`]),
      ).rejects.toThrow("input: must have only numbers from -1.79");
  });

  test("it shortens names and values in messages", async () => {
    const long = "n".repeat(5_000);
    for (const [name, args, options] of [
      [long, {}, {}],
      ["mail.send", { to: "x", [long]: 1 }, {}],
      ["mail.send", { to: [long] }, {}],
      ["sql.plain", {}, { [long]: 1 }],
      ["sql.plain", {}, { queue: long }],
      ["sql.plain", {}, { runAt: long }],
      ["sql.plain", {}, { tags: long }],
      ["sql.plain", {}, [long]],
      ["sql.plain", {}, { resultsExpire: { [long]: 1 } }],
    ] as const)
      await expect(bySql(name, args, options)).rejects.toThrow(
        expect.toSatisfy(({ message }: Error) => /n{90,100}…/.test(message) && !/n{101}/.test(message)),
      );
  });

  test.runIf(kind !== "embedded")("a role needs the schema and the function, and nothing else", async () => {
    const client = new Client({ connectionString: String(deployment.settings["databaseUrl"]) });
    await client.connect();
    const role = `caller_${process.pid}`;
    try {
      await client.query(`create role ${role}; grant usage on schema lovage to ${role}; set role ${role}`);
      const call = `select lovage.enqueue('mail.send', '{"to":"Eve"}') as id`;
      await expect(client.query(call)).rejects.toThrow("permission denied for function enqueue");
      await client.query(`reset role; grant execute on function lovage.enqueue to ${role}; set role ${role}`);
      const { rows } = await client.query<{ id: string }>(call);
      await expect(client.query("select * from lovage.task")).rejects.toThrow(
        "permission denied for table task",
      );
      expect(await (await app.task(rows[0]!.id)).result({ timeout: "5s" })).toBe("Eve");
    } finally {
      await client.query(`reset role; drop owned by ${role}; drop role ${role}`);
      await client.end();
    }
  });
});
