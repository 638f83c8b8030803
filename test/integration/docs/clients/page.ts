import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startChild } from "../../../support/child.ts";
import { docExamples, type DocExamples } from "../../../support/doc-examples.ts";
import { type DemoServer, PAGE_ORIGIN, startDemoServer } from "./demo-server.ts";

/** A page of docs/clients with its examples, and the server that they use. */
export interface Page {
  readonly server: DemoServer;
  readonly examples: DocExamples;
}

/** Starts a server and writes the examples of a page, for all tests of the file. */
export function setUpPage(name: string): Page {
  let server: DemoServer;
  let examples: DocExamples;
  beforeAll(async () => {
    server = await startDemoServer();
    examples = await docExamples(`docs/clients/${name}`);
  });
  afterAll(async () => {
    await examples[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
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
async function runExample({ server, examples }: Page, file: string): Promise<readonly string[]> {
  await using child = await startChild(process.execPath, [join(examples.dir, file)], {
    env: { LOVAGE_URL: server.url, LOVAGE_TOKEN: server.token, NODE_NO_WARNINGS: "1" },
  });
  const exit = await child.exited;
  expect({ ...exit, stderr: child.stderrLines }).toEqual({ code: 0, signal: null, stderr: [] });
  return child.stdoutLines;
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
