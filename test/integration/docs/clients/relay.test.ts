import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSchema, isObjectType } from "graphql";
import type { Environment } from "relay-runtime";
import { expect, test } from "vitest";
import { compile } from "../../../support/doc-examples.ts";
import { setUpPage, testsCrossOrigin } from "./page.ts";

interface Relay {
  readonly relay: (url: string, token: string) => Environment;
}
interface Demo {
  readonly demo: (environment: Environment, show: (text: string) => void) => Promise<number>;
}

const SCHEMA = fileURLToPath(new URL("../../../../schema.graphql", import.meta.url));

const page = setUpPage("relay.md");

test("relay-compiler accepts the documents of the page, and every connection of the schema", async () => {
  await cp(SCHEMA, join(page.examples.dir, "schema.graphql"));
  const connections = await connectionFragments();
  expect(connections.length).toBeGreaterThan(5);
  await writeFile(
    join(page.examples.dir, "connections.ts"),
    `import { graphql } from "relay-runtime";\n${connections.map((text) => `graphql\`${text}\`;\n`).join("")}`,
  );
  const { stdout, stderr } = await promisify(execFile)("bash", ["compile.sh"], { cwd: page.examples.dir });
  expect(stdout + stderr).not.toMatch(/warn|error/i);
  expect(await compile(page.examples.dir)).toBe("");
});

// After the first: it needs what the compiler wrote.
testsCrossOrigin(page, async () => {
  // By Vite, as the bundler of an application does it.
  const { relay } = await page.examples.load<Relay>("relay.ts");
  const { demo } = await page.examples.load<Demo>("demo.ts");
  const shown: string[] = [];
  const environment = relay(page.server.url, page.server.token);
  expect(await demo(environment, (text) => shown.push(text))).toBe(3);
  expect(shown.filter((text) => text === "SUCCEEDED SUCCESS")).toHaveLength(3);
});

/** A paginated fragment on each field of the schema that is a connection. */
async function connectionFragments(): Promise<readonly string[]> {
  const types = Object.values(buildSchema(await readFile(SCHEMA, "utf8")).getTypeMap()).filter(isObjectType);
  return types.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => /Connection!?$/.test(String(field.type)))
      .map((field) => {
        const name = `connections_${type.name}_${field.name}`;
        return `fragment ${name} on ${type.name}
          @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
          @refetchable(queryName: "connections${type.name}${field.name}Query") {
            ${field.name}(first: $first, after: $after) @connection(key: "${name}") {
              edges { node { __typename } }
            }
          }`;
      }),
  );
}
