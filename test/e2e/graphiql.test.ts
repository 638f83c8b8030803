import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeBigCsv } from "../support/big-csv.ts";
import { openBrowser, responseText, runInGraphiql } from "../support/browser.ts";
import { startSmtp } from "../support/servers/smtp.ts";
import { tempDir } from "../support/temp-dir.ts";
import { DEPLOYMENTS, type Running } from "./deployments.ts";

const scope = new AsyncDisposableStack();
let lovage: Running;
let graphiql: Awaited<ReturnType<Awaited<ReturnType<typeof openBrowser>>["newPage"]>>;

beforeAll(async () => {
  const folder = scope.use(await tempDir("lovage-csv-"));
  // Large enough that its task still runs when the page subscribes; demo-tasks.test.ts has a larger one.
  await writeBigCsv(join(folder.path, "big.csv"), 30_000_000);
  const smtp = scope.use(await startSmtp());
  const env = { SMTP_URL: smtp.url, LOVAGE_DATA_DIR: folder.path, LOVAGE_LOG_LEVEL: "warn" };
  lovage = scope.use(await DEPLOYMENTS[0]!.start(env));
  const browser = await openBrowser();
  scope.defer(() => browser.close());
  graphiql = await browser.newPage(lovage.url);
  await graphiql.page.goto(`${lovage.url}/`);
  await graphiql.page.waitForSelector(".graphiql-execute-button");
});
afterAll(() => scope.disposeAsync());

/** What the response pane holds once it matches. */
async function response(pattern: RegExp, timeout = 20_000): Promise<string> {
  return vi.waitFor(
    async () => {
      const text = await responseText(graphiql.page);
      expect(text).toMatch(pattern);
      return text;
    },
    { timeout, interval: 50 },
  );
}

test.each([
  ["enqueueDemoAdd", "{ x: 20, y: 22 }", /"result":\s*42/],
  ["enqueueDemoMyTask", "{ seconds: 2 }", /"state":\s*"SUCCESS"/],
  ["enqueueMailSend", '{ to: "ada@example.org", subject: "Hello" }', /"messageId":\s*"/],
  ["enqueueCsvSummarize", '{ path: "big.csv" }', /"rows":\s*\d{6}/],
])("%s runs, and its subscription shows the end", { timeout: 120_000 }, async (field, input, end) => {
  await runInGraphiql(
    graphiql.page,
    `mutation { ${field}(input: ${input}) { task { id state } errors { message } } }`,
  );
  const [, id] = /"id":\s*"([0-9a-f-]{36})"/.exec(await response(/"id":\s*"[0-9a-f-]{36}"/))!;
  await runInGraphiql(
    graphiql.page,
    `subscription { task(id: "${id}") { ... on TaskUpdate { type task { state result progress { percent } error { message } } } } }`,
  );
  await response(end, 90_000);
});

test("the page asked no other host for anything, and broke no rule of its policy", () => {
  expect(graphiql.foreignRequests).toEqual([]);
  expect(graphiql.consoleErrors).toEqual([]);
});
