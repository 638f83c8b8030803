import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { tempDir } from "./temp-dir.ts";
import { runCli } from "./run-cli.ts";

/** A task file with one definition. */
export const TASK =
  'import { defineTask } from "lovage";\nexport const a = defineTask({ name: "a.b", run: () => 1 });\n';

/** A folder with these files that finds the built package; `run` runs `lovage` in it. */
export async function project(files: Readonly<Record<string, string>> = { "a.tasks.mjs": TASK }) {
  const folder = await tempDir();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await mkdir(join(folder.path, "node_modules"));
  await symlink(fileURLToPath(new URL("../..", import.meta.url)), join(folder.path, "node_modules/lovage"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(args, { cwd: folder.path, env });
  return { folder: folder.path, run };
}
