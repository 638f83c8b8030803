import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { setUpPage } from "./page.ts";

const run = promisify(execFile);

const page = setUpPage("curl.md");

test("a query, a mutation, and the events of the task", async () => {
  expect(JSON.parse(await bash("queues.sh"))).toMatchObject({ data: { queues: [{ name: "default" }] } });
  const id = await enqueue();
  const events = await bash("follow.sh", id);
  expect(events).toMatch(/^event: next\nid: \S+\ndata: \{"data":\{"task":\{"type":/m);
  expect(events).toContain('"type":"SUCCEEDED"');
  expect(events).toMatch(/event: complete\ndata:\s*$/);
});

test("the script that continues prints each event once", async () => {
  const id = await enqueue();
  const types = (await bash("follow-on.sh", id))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { data: { task: { type: string } } }).data.task.type);
  expect(types.at(-1)).toBe("SUCCEEDED");
});

test("a wrong token fails with the reason", async () => {
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
  const { stdout } = await run("bash", [join(page.examples.dir, file), argument], {
    env: { ...process.env, LOVAGE_URL: page.server.url, LOVAGE_TOKEN: page.server.token, ...env },
  });
  return stdout;
}
