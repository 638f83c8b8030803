import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { REFUSAL_CODES } from "../../../src/errors.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Those that Apollo Server gives to what it refuses by itself. */
const OF_APOLLO = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "PERSISTED_QUERY_NOT_SUPPORTED"];

/** The codes in the first column of the table below a heading of the page. */
async function codesBelow(heading: string): Promise<string[]> {
  const page = await readFile(join(root, "docs/errors.md"), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith(heading))!;
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code!));
}

/** The codes that the sources of the API name: those of HTTP refusals, and others where they are thrown. */
async function codesOfSources(): Promise<Set<string>> {
  const folder = join(root, "src/graphql");
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts"));
  const sources = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const named = sources.flatMap((source) =>
    Array.from(
      source.matchAll(
        /(?:code: |coded\(|withCode\([^)]*, |HttpRefusal\(\s*\d+,\s*|^ {2}\| )"([A-Z_]{5,})"/gm,
      ),
      ([, code]) => code!,
    ),
  );
  return new Set([...named, ...OF_APOLLO]);
}

test("docs/errors.md has each code of payloads, and no other", async () => {
  expect((await codesBelow("In payloads")).sort()).toEqual([...REFUSAL_CODES].sort());
});

test("docs/errors.md has each code of the top level, and no other", async () => {
  const named = await codesOfSources();
  // The code of an issue, which the payload has.
  named.delete("INVALID_INPUT");
  expect((await codesBelow("At the top level")).sort()).toEqual([...named].sort());
});
