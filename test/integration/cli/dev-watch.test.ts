import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DevWatch } from "../../../src/cli/commands/dev/dev-watch.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("sees each task file of a new folder, whenever it is written", async () => {
  await using folder = await tempDir("lovage-watch-");
  const seen = new Set<string>();
  const watch = new DevWatch(folder.path, (files) => files.forEach((file) => seen.add(file)));
  await using _end = { [Symbol.asyncDispose]: () => watch.close() };
  await watch.ready;

  // Some of these files are written between the moments at which the folder is read and watched.
  const names = Array.from({ length: 200 }, (_, index) => `jobs${index}/deep/late.tasks.ts`);
  for (const [index, name] of names.entries()) {
    await mkdir(join(folder.path, `jobs${index}/deep`), { recursive: true });
    for (let turn = 0; turn < index % 25; turn += 1) await new Promise(setImmediate);
    await writeFile(join(folder.path, name), "");
  }

  await vi.waitFor(() => expect(names.filter((name) => !seen.has(name))).toEqual([]), { timeout: 10_000 });
});
