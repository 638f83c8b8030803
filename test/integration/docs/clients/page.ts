import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Child, startChild } from "../../../support/child.ts";
import { docExamples, type DocExamples } from "../../../support/doc-examples.ts";
import { type DemoServer, PAGE_ORIGIN, startDemoServer } from "./demo-server.ts";

const BIN = fileURLToPath(new URL("../../../../node_modules/.bin", import.meta.url));

/** A page of docs/clients with its examples, and the server that they use. */
export interface Page {
  readonly server: DemoServer;
  readonly examples: DocExamples;
}

/** Starts a server and writes the examples of a page, for all tests of the file. */
export function setUpPage(name: string): Page {
  const scope = new AsyncDisposableStack();
  let server: DemoServer;
  let examples: DocExamples;
  beforeAll(async () => {
    server = scope.use(await startDemoServer());
    examples = scope.use(await docExamples(`docs/clients/${name}`));
  });
  afterAll(() => scope.disposeAsync());
  return {
    get server() {
      return server;
    },
    get examples() {
      return examples;
    },
  };
}

/** Runs an example as a user does, with Node alone, and returns the lines that it prints. */
export async function runExample(page: Page, file: string): Promise<readonly string[]> {
  const { stdoutLines, stderrLines } = await runIn(page, process.execPath, [join(page.examples.dir, file)]);
  expect(stderrLines).toEqual([]);
  return stdoutLines;
}

/** Runs a command of a package in the folder of the examples. */
export async function runCommand(page: Page, name: string, args: readonly string[]): Promise<void> {
  await runIn(page, process.execPath, [join(BIN, name), ...args]);
}

async function runIn({ server, examples }: Page, file: string, args: readonly string[]): Promise<Child> {
  await using child = await startChild(file, args, {
    cwd: examples.dir,
    env: { LOVAGE_URL: server.url, LOVAGE_TOKEN: server.token, NODE_NO_WARNINGS: "1" },
  });
  const exit = await child.exited;
  expect(exit, child.output).toEqual({ code: 0, signal: null });
  return child;
}

/** The page's program runs to the end of its task, and then ends by itself. */
export function testsMain(page: Page, file = "main.ts"): void {
  test(`${file} enqueues a task and follows it`, async () => {
    const lines = await runExample(page, file);
    expect(lines.at(-1)).toBe("SUCCEEDED SUCCESS");
    expect(lines).toEqual([...new Set(lines)]);
  });
}

/** Headers that a web page may send to other origins without asking. */
const SAFELISTED: ReadonlySet<string> = new Set(["accept", "accept-language", "content-language"]);

/** The requests that a client sends are allowed to a web page of an allowed origin. */
export function testsCrossOrigin(page: Page, work: () => Promise<unknown>): void {
  test("a web page of an allowed origin may send the client's requests", async () => {
    using sent = vi.spyOn(globalThis, "fetch");
    await work();
    const requests = sent.mock.calls.map(([input, init]) => new Request(input, init));
    expect(requests.length).toBeGreaterThan(0);
    for (const { url, method, headers } of requests) {
      const names = [...headers.keys()].filter((name) => !SAFELISTED.has(name));
      const preflight = await fetch(url, {
        method: "OPTIONS",
        headers: {
          origin: PAGE_ORIGIN,
          "access-control-request-method": method,
          "access-control-request-headers": names.join(","),
        },
      });
      const allowed = (name: string): string[] => preflight.headers.get(name)?.split(", ") ?? [];
      expect(allowed("access-control-allow-origin")).toEqual([PAGE_ORIGIN]);
      expect(allowed("access-control-allow-methods")).toContain(method);
      expect(allowed("access-control-allow-headers").toSorted()).toEqual(names.toSorted());
    }
  });
}
