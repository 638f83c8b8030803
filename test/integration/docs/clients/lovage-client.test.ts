import { expect, test } from "vitest";
import type { TaskDefinition } from "../../../../src/index.ts";
import { docExamples } from "../../../support/doc-examples.ts";
import { shared } from "../../../support/deployments.ts";

interface Mail {
  readonly sendMail: TaskDefinition<{ to: string; subject: string }, { messageId: string }>;
}
interface Send {
  readonly send: (url: string, to: string) => Promise<string>;
}
interface Watch {
  readonly watch: (url: string, id: string, show: (text: string) => void) => Promise<void>;
}
interface Waiting {
  readonly waiting: (url: string) => Promise<number>;
}

test("docs/clients/lovage-client.md: a task is sent, awaited and watched", async () => {
  await using examples = await docExamples("docs/clients/lovage-client.md");
  const { sendMail } = await examples.load<Mail>("mail.tasks.ts");
  const { send } = await examples.load<Send>("send.ts");
  const { watch } = await examples.load<Watch>("watch.ts");
  const { waiting } = await examples.load<Waiting>("waiting.ts");
  await using deployment = await shared();
  const app = await deployment.app([sendMail], ["maintenance", "worker", "server"]);
  const url = app.describe().url!;
  const messageId = await send(url, "ada@example.com");
  expect(messageId).toMatch(/^<[0-9a-f-]{36}@example\.com>$/);
  const shown: string[] = [];
  await watch(url, messageId.slice(1, 37), (text) => shown.push(text));
  expect(shown).toEqual(["SUCCEEDED"]);
  expect(await waiting(url)).toBe(0);
});
