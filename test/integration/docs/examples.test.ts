import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { docExamples, docPages } from "../../support/doc-examples.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = await docPages();

test.each(pages)(
  "the examples of %s compile",
  async (page) => {
    await using examples = await docExamples(page);
    const files = (await readdir(examples.dir)).filter((file) => file.endsWith(".ts"));
    if (files.length === 0) return;
    const config = { extends: join(root, "tsconfig.json"), include: ["*.ts"] };
    await writeFile(join(examples.dir, "tsconfig.json"), JSON.stringify(config));
    expect(await compile(examples.dir)).toBe("");
  },
  120_000,
);

/** What the compiler has to say about a folder. */
async function compile(dir: string): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "--noEmit", "-p", dir], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => (said += String(data)));
  await new Promise((resolve) => child.on("close", resolve));
  return said;
}
