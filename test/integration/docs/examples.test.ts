import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { compile, docExamples, docPages } from "../../support/doc-examples.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = await docPages();

/** Pages whose examples need generated code: their own tests compile them. */
const GENERATED: ReadonlySet<string> = new Set([
  "docs/clients/gql-tada.md",
  "docs/clients/graphql-codegen.md",
  "docs/clients/relay.md",
]);

test.each(pages.filter((page) => !GENERATED.has(page)))(
  "the examples of %s compile",
  async (page) => {
    await using examples = await docExamples(page);
    const files = (await readdir(examples.dir)).filter((file) => file.endsWith(".ts"));
    if (files.length === 0) return;
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
