import { expect, test } from "vitest";
import { compile } from "../../../support/doc-examples.ts";
import { runCommand, runExample, setUpPage } from "./page.ts";

const page = setUpPage("graphql-codegen.md");

test("types are made from the schema of a running server, and fit its replies", async () => {
  await runCommand(page, "graphql-codegen", ["--config", "codegen.ts"]);
  expect(await compile(page.examples.dir)).toBe("");
  const lines = await runExample(page, "main.ts");
  expect(lines[0]).toBe("0 waiting");
  expect(lines.at(-1)).toBe("SUCCEEDED SUCCESS");
});
