import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docExamples, type DocExamples } from "../../../support/doc-examples.ts";
import { type DemoServer, startDemoServer } from "./demo-server.ts";

const run = promisify(execFile);

let server: DemoServer;
let examples: DocExamples;
beforeAll(async () => {
  server = await startDemoServer();
  examples = await docExamples("docs/clients/curl.md");
});
afterAll(async () => {
  await examples[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("docs/clients/curl.md: a query, a mutation, and the events of the task", async () => {
  expect(JSON.parse(await bash("queues.sh"))).toMatchObject({ data: { queues: [{ name: "default" }] } });
  const id = await enqueue();
  const events = await bash("follow.sh", id);
  expect(events).toMatch(/^event: next\nid: \S+\ndata: \{"data":\{"task":\{"type":/m);
  expect(events).toContain('"type":"SUCCEEDED"');
  expect(events).toMatch(/event: complete\ndata:\s*$/);
});

test("docs/clients/curl.md: the script that continues prints each event once", async () => {
  const id = await enqueue();
  const types = (await bash("follow-on.sh", id))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { data: { task: { type: string } } }).data.task.type);
  expect(types.at(-1)).toBe("SUCCEEDED");
});

test("docs/clients/curl.md: a wrong token fails with the reason", async () => {
  const failed = await bash("queues.sh", "", { LOVAGE_TOKEN: "another-token-1234" }).catch(
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({ code: 22, stdout: expect.stringContaining("UNAUTHENTICATED") });
});

async function enqueue(): Promise<string> {
  const answer = JSON.parse(await bash("enqueue.sh")) as {
    data: { enqueueDemoMyTask: { task: { id: string } } };
  };
  return answer.data.enqueueDemoMyTask.task.id;
}

async function bash(file: string, argument = "", env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run("bash", [join(examples.dir, file), argument], {
    env: { ...process.env, LOVAGE_URL: server.url, LOVAGE_TOKEN: server.token, ...env },
  });
  return stdout;
}
