import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

const entry = fileURLToPath(new URL("../../../src/client.ts", import.meta.url));

test("a page that uses the client loads at most 15 KB, and nothing of Node or of the server", async () => {
  const built = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: true, lib: { entry, formats: ["es"] } },
  })) as readonly Rolldown.RolldownOutput[];
  const chunks = built[0]!.output.filter((file) => file.type === "chunk");
  const first = chunks.find(({ isEntry }) => isEntry)!;
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules));
  // The printer of GraphQL is loaded on demand.
  const atOnce = [first, ...chunks.filter(({ fileName }) => first.imports.includes(fileName))];
  expect(gzipSync(atOnce.map(({ code }) => code).join("\n")).length).toBeLessThan(15_000);
  expect(modules.filter((id) => /node:|browser-external|\/src\/(?!client|errors|lib|task)/.test(id))).toEqual(
    [],
  );
});
