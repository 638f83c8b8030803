import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempDir } from "../../support/temp-dir.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json"], {
  cwd: root,
  maxBuffer: 2 ** 24,
});
const [packed] = Object.values(JSON.parse(stdout) as { files: { path: string }[] }[]);
const files = packed!.files.map(({ path }) => path);

test("the package has its documentation, and everything that its README links to", async () => {
  for (const page of files.filter((file) => file.endsWith(".md"))) {
    const text = await readFile(join(root, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([\w./-]+)(?:#[\w-]+)?\)/g))
      expect(files, `${page} links to it`).toContain(join(page, "..", target!));
  }
  expect(files).toContain("docs/tasks.md");
});

test("a build starts without files of earlier builds, and keeps the template of the embedded database", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [first = ""] = scripts["build"]!.split(" && ");
  expect(first).toBe("node .scripts/clean.mjs");
  await using folder = await tempDir();
  await mkdir(join(folder.path, "dist/cli"), { recursive: true });
  for (const file of ["index.js", "cli/gone.js", ".tsbuildinfo", "embedded-template.tar.zst"])
    await writeFile(join(folder.path, "dist", file), "");
  await promisify(execFile)(process.execPath, [join(root, ".scripts/clean.mjs")], { cwd: folder.path });
  expect(await readdir(join(folder.path, "dist"))).toEqual(["embedded-template.tar.zst"]);
});

test("the package has no source maps without sources, nothing of the build and none of the demo", async () => {
  expect(files.filter((file) => /\.map$|\/\.|^dist\/demo\/|^src\/|^test\//.test(file))).toEqual([]);
  for (const file of files.filter((name) => name.endsWith(".js")))
    expect(await readFile(join(root, file), "utf8"), file).not.toMatch(/^\/\/# sourceMappingURL=(?!data:)/m);
});

test("the package's own code imports only its installed dependencies", async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const imported = new Set<string>();
  for (const file of files.filter((name) => /^dist\/(?!web\/).*\.(?:js|d\.ts)$/.test(name))) {
    const code = await readFile(join(root, file), "utf8");
    for (const [, specifier] of code.matchAll(
      /^(?:import|export)\b[^;]*? from "([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/gm,
    ))
      if (specifier && !specifier.startsWith("node:"))
        imported.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0]);
  }
  expect([...imported].filter((name) => dependencies[name] === undefined)).toEqual([]);
});
