import { afterEach, expect, test, vi } from "vitest";
import type { AppDescription } from "../../../src/app/calls.ts";
import { printBanner } from "../../../src/cli/commands/serve/banner.ts";
import { Output } from "../../../src/cli/output.ts";
import type { Config } from "../../../src/config/config.ts";

afterEach(() => void vi.restoreAllMocks());

test.each([
  ["development", {}, true],
  ["production with a token", { production: true, token: "a".repeat(32) }, true],
  ["production without a token", { production: true }, false],
  ["only trusted documents", { trustedDocuments: "documents.json" }, false],
] as const)("%s: the address of GraphiQL is printed only where it works", (_what, settings, isPrinted) => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const app = {
    version: "1",
    broker: "memory",
    database: "embedded",
    definitions: [],
    worker: null,
    beat: false,
  };
  printBanner(
    new Output({ json: false, quiet: false, verbose: false, color: false }),
    { ...app, url: "http://127.0.0.1:4000" } as unknown as AppDescription,
    {
      host: "127.0.0.1",
      token: null,
      production: false,
      trustedDocuments: null,
      embeddedDir: ".lovage",
      ...settings,
    } as unknown as Config,
  );
  const text = written.mock.calls.map(([chunk]) => String(chunk)).join("");
  expect(text).toContain("http://127.0.0.1:4000/graphql ");
  expect(text.includes("/graphiql")).toBe(isPrinted);
});
