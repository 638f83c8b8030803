import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";
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

const schema = buildSchema(await readFile(join(root, "schema.graphql"), "utf8"));

test.each(pages)("the GraphQL examples of %s are operations of the schema", async (page) => {
  await using examples = await docExamples(page);
  const files = (await readdir(examples.dir)).filter((file) => file.endsWith(".graphql"));
  for (const file of files) {
    const document = parse(await readFile(join(examples.dir, file), "utf8"));
    // A task of the page's own has its own mutation, which the demo's schema does not have.
    const errors = validate(schema, document).filter(({ message }) => !/field "enqueue[A-Z]/.test(message));
    expect(errors, file).toEqual([]);
  }
});

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
