import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/index.ts";
import { type Deployment, shared } from "../../support/deployments.ts";
import { runCli } from "../../support/run-cli.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SECRET = "4000 0566 5566 5556";

const send = defineTask({
  name: "mail.send",
  input: z.object({ to: z.string(), subject: z.string().optional() }),
  output: z.object({ messageId: z.string() }),
  run: () => ({ messageId: "" }),
});
const pay = defineTask({
  name: "card.pay",
  input: z.object({ card: z.string(), amount: z.number() }),
  sensitive: ["card"],
  run: () => null,
});
const old = defineTask({ name: "old.report", input: z.object({ day: z.string() }), run: () => null });
const unused = defineTask({ name: "unused.task", run: () => null });

/** The code of production, as task files. */
const SAME = `
export const send = defineTask({ name: "mail.send", input: z.object({ to: z.string(), subject: z.string().optional() }),
  output: z.object({ messageId: z.string() }), run: () => ({ messageId: "" }) });
export const pay = defineTask({ name: "card.pay", input: z.object({ card: z.string(), amount: z.number() }), sensitive: ["card"], run: () => null });
export const old = defineTask({ name: "old.report", input: z.object({ day: z.string() }), run: () => null });
export const unused = defineTask({ name: "unused.task", run: () => null });
`;
/** What is to be deployed. */
const NEW = `
export const send = defineTask({ name: "mail.send", input: z.object({ to: z.email(), subject: z.string() }),
  output: z.object({ id: z.string() }), run: () => ({ id: "" }) });
export const pay = defineTask({ name: "card.pay", input: z.object({ card: z.string().regex(/^\\d+$/), amount: z.number() }), sensitive: ["card"], run: () => null });
export const unused = defineTask({ name: "unused.task", run: () => null });
export const report = defineTask({ name: "report.make", input: z.object({ day: z.string() }), run: () => null });
`;

const folder = await tempDir();
let deployment: Deployment;
let server: string;
let tasks: Readonly<Record<"good" | "bad" | "old" | "paid", string>>;

beforeAll(async () => {
  for (const [name, text] of Object.entries({ same: SAME, next: NEW }))
    await writeFile(
      join(folder.path, `${name}.tasks.mjs`),
      `import { defineTask } from "lovage";\nimport { z } from "zod";\n${text}`,
    );
  deployment = await shared();
  const keys = `k1:${randomBytes(32).toString("base64")}`;
  environment = {
    DATABASE_URL: String(deployment.settings["databaseUrl"]),
    LOVAGE_ENCRYPTION_KEYS: keys,
  };
  const app = await deployment.app([send, pay, old, unused], ["server", "worker", "maintenance"], {
    encryptionKeys: keys,
  });
  server = app.describe().url!;
  const later = { delay: "1d" } as const;
  tasks = {
    good: (await app.enqueue(send, { to: "ada@example.org", subject: "Hello" }, later)).id,
    bad: (await app.enqueue(send, { to: "nobody" }, later)).id,
    old: (await app.enqueue(old, { day: "today" }, later)).id,
    paid: (await app.enqueue(pay, { card: SECRET, amount: 5 }, later)).id,
  };
  const timing = { crontab: "0 0 1 1 *" };
  await app.schedules.create(send, { name: "nightly", timing, args: { to: "{{name}}", subject: "" } });
  await app.schedules.create(send, { name: "off", timing, enabled: false, args: { to: "x@example.org" } });
  await app.schedules.create(pay, { name: "pays", timing, args: { card: SECRET, amount: 5 } });
});
afterAll(async () => {
  await deployment?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

let environment: Readonly<Record<string, string>>;
function contract(args: readonly string[], env = environment) {
  return runCli(["contract", ...args], { cwd: folder.path, env });
}

describe("against the database", () => {
  test("equal code breaks nothing", async () => {
    expect(await contract(["check", "--tasks", "same.tasks.mjs"])).toEqual({
      exitCode: 0,
      stdout:
        "✔ nothing breaks: compared with 4 definitions, 4 unfinished tasks and 3 schedules of the database.\n",
      stderr: "",
    });
  });

  test("other code: each input that it refuses, and each change that breaks callers and readers", async () => {
    const { exitCode, stdout, stderr } = await contract(["check", "--tasks", "next.tasks.mjs"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "Compared with 4 definitions, 4 unfinished tasks and 3 schedules of the database.\n",
    });
    const accept = "Accept this form until they have ended, or revoke them with `lovage tasks revoke`.";
    const change = "Accept this form, or change the args with `lovage schedule update`.";
    const callers = "which breaks callers. Accept the old form too until all callers are changed.";
    const readers = "which breaks readers. Return the old form too until all readers are changed.";
    const rename = 'Did you rename it to "report.make"? Keep it under this name until nothing uses it.';
    expect(stdout.trimEnd().split("\n")).toEqual([
      String.raw`✗ card.pay: args.card: pattern is "^\\d+$", ${callers}`,
      `✗ card.pay: 1 unfinished task (${tasks.paid}): args.card: Invalid string: must match pattern /^\\d+$/, got [redacted]. ${accept}`,
      `✗ card.pay: 1 schedule ("pays"): args.card: Invalid string: must match pattern /^\\d+$/, got [redacted]. ${change}`,
      `✗ mail.send: args.to: format is "email", ${callers}`,
      `✗ mail.send: args.subject: the field is required, ${callers}`,
      `✗ mail.send: output.messageId: the field was removed, ${readers}`,
      `✗ mail.send: 1 unfinished task (${tasks.bad}): args.to: Invalid email address, got "nobody". ${accept}`,
      `✗ mail.send: 1 unfinished task (${tasks.bad}): args.subject: expected string, but it is missing. ${accept}`,
      `✗ mail.send: 1 schedule ("nightly"): args.to: Invalid email address, got "nightly". ${change}`,
      `! mail.send: 1 disabled schedule ("off"): args.subject: expected string, but it is missing. ${change}`,
      `✗ old.report: the code does not define it, which breaks callers that enqueue it by enqueueOldReport. ${rename}`,
      `✗ old.report: the code does not define it, and 1 unfinished task (${tasks.old}) needs it. ${rename}`,
    ]);
    expect(stdout).not.toContain(SECRET);
  });

  test("as JSON", async () => {
    const { exitCode, stdout, stderr } = await contract(["check", "--tasks", "next.tasks.mjs", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    const report = JSON.parse(stdout) as { findings: readonly object[] };
    expect(report).toMatchObject({ definitions: 4, tasks: 4, schedules: 3 });
    expect(report.findings).toContainEqual({
      ...{ definition: "old.report", verdict: "bad", affects: "tasks", count: 1, examples: [tasks.old] },
      what: `the code does not define it, and 1 unfinished task (${tasks.old}) needs it.`,
      remedy: expect.stringContaining("report.make") as string,
    });
  });

  test("without the keys, sensitive values count as unchecked and are not shown", async () => {
    const { LOVAGE_ENCRYPTION_KEYS: _, ...env } = environment;
    const { exitCode, stdout } = await contract(["check", "--tasks", "next.tasks.mjs"], env);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `! card.pay: 1 unfinished task (${tasks.paid}): sensitive values cannot be read here, and were not checked.`,
    );
    expect(stdout).toContain('! card.pay: 1 schedule ("pays"): sensitive values cannot be read here');
    expect(stdout).not.toMatch(/✗ card\.pay: 1 (?:unfinished task|schedule)/);
  });

  test("nothing to compare with, and a database without the schema, are errors of the configuration", async () => {
    const none = await contract(["check", "--tasks", "same.tasks.mjs"], {});
    expect(none).toMatchObject({ exitCode: 78, stdout: "" });
    expect(none.stderr).toMatch(
      /^✗ there is nothing to compare with: DATABASE_URL is not set, and .* --against\.\n$/,
    );
    const url = new URL(environment["DATABASE_URL"]!);
    url.pathname = "/postgres";
    const empty = await contract(["check", "--tasks", "same.tasks.mjs", "--database-url", url.href], {});
    expect(empty).toMatchObject({ exitCode: 78, stdout: "" });
    expect(empty.stderr).toBe(
      "✗ The database does not have the schema of this version. Run `lovage migrate`.\n",
    );
  });
});

test("an embedded database in use names the server of the process that uses it", async () => {
  const used = join(folder.path, "used");
  await mkdir(used);
  await writeFile(
    join(used, "lock"),
    JSON.stringify({ pid: process.pid, host: hostname(), startedAt: new Date().toISOString() }),
  );
  const run = await contract(["check", "--tasks", "same.tasks.mjs"], { LOVAGE_EMBEDDED_DIR: used });
  expect(run).toMatchObject({ exitCode: 75, stdout: "" });
  expect(run.stderr).toBe(
    `✗ the embedded database in ${used} is in use by another process. If that is \`lovage dev\` or \`lovage up\`, compare with its server: --against http://127.0.0.1:4000.\n`,
  );
});

describe("against a server", () => {
  test("that cannot be reached, the remedy names the flag", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const run = await contract(["check", "--tasks", "same.tasks.mjs", "--against", url], {});
    expect(run).toMatchObject({ exitCode: 69, stdout: "" });
    expect(run.stderr).toMatch(/\(ECONNREFUSED\)\. Start it with `lovage up`, or set --against\.\n$/);
  });

  test("the same, without sensitive values", async () => {
    const { exitCode, stdout } = await contract(
      ["check", "--tasks", "next.tasks.mjs", "--against", server],
      {},
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `✗ mail.send: 1 unfinished task (${tasks.bad}): args.to: Invalid email address, got "nobody".`,
    );
    expect(stdout).toContain(
      '✗ mail.send: 1 schedule ("nightly"): args.to: Invalid email address, got "nightly".',
    );
    expect(stdout).toContain("✗ old.report: the code does not define it, which breaks callers");
    expect(stdout).toContain(
      `! card.pay: 1 unfinished task (${tasks.paid}): sensitive values cannot be read here`,
    );
    expect(stdout).not.toContain(SECRET);
    expect(await contract(["check", "--tasks", "same.tasks.mjs", "--against", server], {})).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(
        `✔ nothing breaks: compared with 4 definitions, 4 unfinished tasks and 3 schedules of the server at ${server}.`,
      ) as string,
    });
  });
});

describe("against a snapshot", () => {
  test("the schemas alone", async () => {
    const { stdout: saved } = await contract(["snapshot", "--tasks", "same.tasks.mjs"], {});
    await writeFile(join(folder.path, "contract.json"), saved);
    const check = (file: string) => contract(["check", "--tasks", file, "--against", "contract.json"], {});
    expect(await check("same.tasks.mjs")).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await check("next.tasks.mjs");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("✗ mail.send: args.subject: the field is required");
    expect(stdout).toContain("✗ old.report: the code does not define it");
  });

  test("a file that is not one ends with 65", async () => {
    await writeFile(join(folder.path, "other.json"), "{}");
    for (const file of ["other.json", "absent.json"]) {
      const { exitCode, stderr } = await contract(
        ["check", "--tasks", "same.tasks.mjs", "--against", file],
        {},
      );
      expect(exitCode).toBe(65);
      expect(stderr).toMatch(/^✗ Cannot read (?:other|absent)\.json: .* Write a snapshot with/);
    }
  });
});
