import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tempDir } from "../../support/temp-dir.ts";

const SCRIPT = fileURLToPath(new URL("../../../.scripts/schema-breaking.mjs", import.meta.url));
const ACCEPTED = fileURLToPath(new URL("../../../schema.graphql", import.meta.url));

/** The problems that the check finds when the schema of the API is changed. */
async function problems(change: (sdl: string) => string, accepted = (sdl: string) => sdl): Promise<string[]> {
  await using folder = await tempDir();
  const sdl = await readFile(ACCEPTED, "utf8");
  const [before, after] = [join(folder.path, "before.graphql"), join(folder.path, "after.graphql")];
  await writeFile(before, accepted(sdl));
  await writeFile(after, change(sdl));
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, before, after], {
    encoding: "utf8",
  });
  const found = stdout.split("\n").filter((line) => line.startsWith("✗"));
  expect({ status, stderr }).toEqual({ status: found.length === 0 ? 0 : 1, stderr: "" });
  return found;
}

const FIELD = '  """Name of the task\'s queue."""\n  queueName: String!\n';
const deprecated = (reason: string) => (sdl: string) =>
  sdl.replace(FIELD, FIELD.replace("!", `! @deprecated(reason: "${reason}")`));
const without = (sdl: string) => sdl.replace(FIELD, "");

test("a new field is accepted; a removed one and a narrower argument are not", async () => {
  expect(await problems((sdl) => sdl.replace(FIELD, `${FIELD}  other: String\n`))).toEqual([]);
  expect(await problems(without)).toEqual([expect.stringContaining("Field 'queueName' was removed")]);
  expect(await problems((sdl) => sdl.replace("first: Int\n", "first: Int!\n"))).toEqual([
    expect.stringContaining("changed from 'Int' to 'Int!'"),
  ]);
});

test("a deprecation names its date and the version that removes the field, which may remove it then", async () => {
  expect(await problems(deprecated("Use queue."))).toEqual([
    expect.stringContaining('expected a reason such as "Since'),
  ]);
  expect(await problems(deprecated("Since 2026-12-01, removed in 9.0. Use queue."))).toEqual([]);
  expect(await problems(without, deprecated("Since 2026-12-01, removed in 9.0. Use queue."))).toHaveLength(1);
  expect(await problems(without, deprecated("Since 2026-12-01, removed in 0.0. Use queue."))).toEqual([]);
});
