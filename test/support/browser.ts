import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const run = promisify(execFile);
const KNOWN_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // What slips past the routes below still finds no address.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
];

export interface OpenPage {
  readonly page: Page;
  /** URLs outside the page's origin that it asked for, by HTTP or WebSocket; each was refused. */
  readonly foreignRequests: string[];
  /**
   * What the console said at level error (refusals by the Content-Security-Policy too), and
   * uncaught errors.
   */
  readonly consoleErrors: string[];
}

export interface OpenBrowser {
  readonly browser: Browser;
  /**
   * An empty page in a context of its own that can reach only `origin`, e.g.
   * `http://127.0.0.1:4000`.
   */
  newPage(origin: string): Promise<OpenPage>;
  close(): Promise<void>;
}

/**
 * Starts a headless Chromium: that of `CHROMIUM_PATH`, else one of the usual places, else Debian's
 * package, installed when the tests run as root.
 *
 * @throws Error that says what to install when there is no Chromium and none can be installed.
 */
export async function openBrowser(): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ARGS });
  return {
    browser,
    newPage: (origin) => newPage(browser, new URL(origin)),
    close: () => browser.close(),
  };
}

async function newPage(browser: Browser, origin: URL): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: "block",
  });
  const foreignRequests = await refuseForeign(context, origin);
  const page = await context.newPage();
  const consoleErrors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => consoleErrors.push(String(error)));
  return { page, foreignRequests, consoleErrors };
}

async function refuseForeign(context: BrowserContext, origin: URL): Promise<string[]> {
  const refused: string[] = [];
  // The host with its port: what WebSocket and HTTP URLs of one origin have in common.
  const isForeign = (url: URL): boolean =>
    url.host !== origin.host && !/^(?:data|blob|about):$/.test(url.protocol);
  await context.route(isForeign, async (route) => {
    refused.push(route.request().url());
    await route.abort("blockedbyclient");
  });
  await context.routeWebSocket(isForeign, async (socket) => {
    refused.push(socket.url());
    await socket.close();
  });
  return refused;
}

async function chromiumPath(): Promise<string> {
  const asked = process.env["CHROMIUM_PATH"];
  if (asked) return asked;
  return KNOWN_PATHS.find((path) => existsSync(path)) ?? (await installChromium());
}

async function installChromium(): Promise<string> {
  const advice =
    "Install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH to a Chromium or Chrome.";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`The browser tests found no Chromium at ${KNOWN_PATHS.join(", ")}. ${advice}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update"], { env });
    await run("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], { env });
  } catch (cause) {
    throw new Error(`The browser tests could not install Chromium. ${advice}`, { cause });
  }
  const path = KNOWN_PATHS.find((candidate) => existsSync(candidate));
  if (!path) throw new Error(`apt-get installed chromium, but not at ${KNOWN_PATHS.join(", ")}. ${advice}`);
  return path;
}

interface PageModel {
  readonly uri: { readonly path: string };
  getValue(): string;
  setValue(text: string): void;
}

/** The part of the page's Monaco that is used here. GraphiQL puts it on the global object. */
interface PageGlobals {
  readonly __MONACO?: {
    readonly editor: { getModels(): PageModel[] };
  };
  readonly localStorage: { getItem(key: string): string | null };
}

/**
 * Opens a tab, puts the query in its editor, and presses the play button. What runs in the page is
 * stopped before. A subscription goes on until the next call; `responseText` has its newest event.
 *
 * @param query one operation: with several, GraphiQL would ask which to run.
 */
export async function runInGraphiql(page: Page, query: string): Promise<void> {
  await page.locator(".graphiql-query-editor textarea").first().waitFor({ state: "attached" });
  const stop = page.getByRole("button", { name: /^Stop query/ });
  if (await stop.isVisible()) await stop.click();
  await page.getByRole("button", { name: "New tab" }).click();
  // Not typed: the editor would close brackets and indent on its own.
  await page.evaluate((text) => {
    const models = (globalThis as unknown as PageGlobals).__MONACO?.editor.getModels() ?? [];
    const model = models.find(({ uri }) => uri.path.endsWith("operation.graphql"));
    if (!model) throw new Error("The page has no query editor.");
    model.setValue(text);
  }, query);
  // GraphiQL parses with a delay. Pressed earlier, the button would take the query for the kind of
  // the one before.
  await page.waitForFunction(
    (text) => (globalThis as unknown as PageGlobals).localStorage.getItem("graphiql:query") === text,
    query,
  );
  await page.getByRole("button", { name: /^Execute query/ }).click();
}

/**
 * What the response pane holds, all of it: the page draws only the lines in view. Empty before an
 * answer.
 */
export async function responseText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const models = (globalThis as unknown as PageGlobals).__MONACO?.editor.getModels() ?? [];
    return models.find(({ uri }) => uri.path.endsWith("response.json"))?.getValue() ?? "";
  });
}
