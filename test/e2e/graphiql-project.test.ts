import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CLI } from "../support/run-cli.ts";
import { type OpenPage, openBrowser, responseText } from "../support/browser.ts";
import { startChild } from "../support/child.ts";
import { freePort } from "../support/servers/free-port.ts";
import { tempDir } from "../support/temp-dir.ts";

const TOKEN = "Kz7-dfg-9Qw-33x-token";
const TASKS = `import { defineTask } from "lovage";
import { z } from "zod";
export const order = defineTask({ name: "shop.order", input: z.object({ amount: z.int32() }), run: () => 1 });
`;
const scope = new AsyncDisposableStack();
let opened: OpenPage;
let url: string;

beforeAll(async () => {
  const folder = scope.use(await tempDir("lovage-shop-"));
  await writeFile(join(folder.path, "shop.tasks.ts"), TASKS);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const env = { LOVAGE_TOKEN: TOKEN, DATABASE_URL: undefined, REDIS_URL: undefined };
  const server = await startChild(process.execPath, [CLI, "up", "--port", String(port)], {
    cwd: folder.path,
    env,
  });
  scope.defer(async () => {
    server.kill("SIGTERM");
    await server.exited;
  });
  await server.waitForLine(/GraphiQL/, 60_000);
  const browser = await openBrowser();
  scope.defer(() => browser.close());
  opened = await browser.newPage(url);
  await opened.page.setViewportSize({ width: 390, height: 844 });
  await opened.page.goto(`${url}/graphiql`);
});
afterAll(() => scope.disposeAsync());

describe("GraphiQL of another project, with a token, on a phone", () => {
  test("it asks for the token, names it, and reports a wrong one", async () => {
    const { page } = opened;
    await page.getByText("This server requires its token (LOVAGE_TOKEN).").waitFor();
    await page.getByRole("textbox").fill("a wrong token");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("The server refused this token.").waitFor();
  });

  test("its first tab enqueues a task of the project", async () => {
    const { page } = opened;
    await page.locator("input[name=token]").fill(TOKEN);
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator(".graphiql-execute-button").waitFor();
    const editor = page.locator(".graphiql-query-editor .view-lines");
    // Monaco writes spaces that do not break.
    const text = async (): Promise<string> => (await editor.innerText()).replaceAll("\u00A0", " ");
    await vi.waitFor(
      async () => expect(await text()).toMatch(/enqueueShopOrder\(input: \{\s*amount: 1 \}\)/),
      {
        timeout: 20_000,
      },
    );
    await page.locator(".graphiql-execute-button").click();
    await vi.waitFor(async () => expect(await responseText(page)).toMatch(/"state":\s*"QUEUED"/), {
      timeout: 10_000,
    });
  });

  test("the query and its answer have the screen's width, one below the other", async () => {
    const { page } = opened;
    const [query, answer] = await Promise.all(
      [".graphiql-query-editor", ".graphiql-response"].map((part) => page.locator(part).boundingBox()),
    );
    for (const box of [query!, answer!]) {
      expect(box.width).toBeGreaterThan(330);
      expect(box.x + box.width).toBeLessThanOrEqual(390);
      expect(box.height).toBeGreaterThan(200);
    }
    expect(answer!.y).toBeGreaterThanOrEqual(query!.y + query!.height);
  });

  test("the documentation opens over them, and closes", async () => {
    const { page } = opened;
    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    const docs = page.locator(".graphiql-plugin");
    expect((await docs.boundingBox())!.width).toBeGreaterThan(330);
    await page.getByRole("button", { name: "Hide Documentation Explorer" }).click();
    await docs.waitFor({ state: "hidden" });
  });
});
