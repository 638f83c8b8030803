import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GraphQLClient } from "graphql-request";
import { beforeAll, expect, test } from "vitest";
import { startChild } from "../../../support/child.ts";
import { runExample, setUpPage, testsCrossOrigin } from "./page.ts";

interface Demo {
  readonly connect: (url: string, token: string) => GraphQLClient;
  readonly waiting: (client: GraphQLClient) => Promise<number>;
  readonly enqueue: (client: GraphQLClient, seconds: number, idempotencyKey: string) => Promise<string>;
}

const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

const page = setUpPage("gql-tada.md");

beforeAll(async () => {
  const modules = join(page.examples.dir, "node_modules");
  // Copies: Node resolves a link first, and would find the project's TypeScript from there.
  for (const name of ["gql.tada", "@gql.tada"])
    await cp(join(MODULES, name), join(modules, name), { recursive: true });
  // This package of TypeScript 6 has no bin, so it cannot replace the project's tsc.
  await symlink(join(MODULES, "@tsd/typescript/typescript"), join(modules, "typescript"));
  await mkdir(join(modules, ".bin"));
  await symlink("../gql.tada/bin/cli.js", join(modules, ".bin/gql.tada"));
  await symlink("../typescript/bin/tsc", join(modules, ".bin/tsc"));
  expect(await run("bash", "generate.sh")).toMatchObject({ code: 0 });
});

test("tsc and gql.tada accept the page with the schema of a running server", async () => {
  expect(await run("npx", "tsc")).toEqual({ code: 0, output: "" });
  expect(await run("npx", "gql.tada", "check")).toMatchObject({ code: 0 });
}, 120_000);

test("main.ts enqueues a task and follows it", async () => {
  const lines = await runExample(page, "main.ts");
  expect(lines[0]).toBe("0 waiting");
  expect(lines.at(-1)).toBe("SUCCEEDED SUCCESS");
});

testsCrossOrigin(page, async () => {
  const { connect, enqueue, waiting } = await page.examples.load<Demo>("demo.ts");
  const client = connect(page.server.url, page.server.token);
  await waiting(client);
  expect(await enqueue(client, 0, "once")).toBe(await enqueue(client, 0, "once"));
});

// The last: it changes the examples.
test("a wrong name in a document or in its variables is an error", async () => {
  await replace("documents.ts", "queues { waiting }", "queues { wating }");
  await replace("demo.ts", "input: { seconds }", "input: { minutes: seconds }");
  const compiled = await run("npx", "tsc");
  expect(compiled.code).not.toBe(0);
  expect(compiled.output.split("\n")).toEqual([
    expect.stringMatching(/^demo\.ts.*Property 'waiting' does not exist/),
    expect.stringMatching(/^demo\.ts.*'minutes' does not exist/),
  ]);
  const checked = await run("npx", "gql.tada", "check");
  expect(checked.code).not.toBe(0);
  expect(checked.output).toContain('Cannot query field "wating" on type "Queue"');
}, 120_000);

async function replace(file: string, from: string, to: string): Promise<void> {
  const path = join(page.examples.dir, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

async function run(
  command: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  await using child = await startChild(command, args, {
    cwd: page.examples.dir,
    env: { LOVAGE_URL: page.server.url, LOVAGE_TOKEN: page.server.token },
  });
  const { code } = await child.exited;
  return { code, output: child.output };
}
