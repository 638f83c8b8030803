import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CONFIG_KEYS, settingOf } from "../../../src/config/settings.ts";
import { docPages } from "../../support/doc-examples.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

test("links within the documentation lead to headings that exist", async () => {
  const dead: string[] = [];
  for (const page of await docPages()) {
    for (const [, file, anchor] of (await prose(page)).matchAll(/\]\(((?:[\w./-]+\.md)?)#([\w-]+)\)/g)) {
      const target = file === "" ? page : join(page, "..", file!);
      if (!anchors(await prose(target)).has(anchor!)) dead.push(`${page}: ${file}#${anchor}`);
    }
  }
  expect(dead).toEqual([]);
});

test("the files of the code and the tests that the documentation names exist", async () => {
  const file = /^(?!dist\/|docs\/)[\w-]+\/[\w./-]*(?:\.tsx?|\/)$/;
  const known = await Promise.all(
    ["src", "test"].map((dir) => readdir(join(root, dir), { recursive: true })),
  );
  const names = new Set(known.flat().map((path) => basename(path)));
  const missing: string[] = [];
  // The pages for users name files of examples.
  for (const page of (await docPages()).filter((name) => name.startsWith("docs/"))) {
    for (const [, quoted] of (await prose(page)).matchAll(/`([^`\n]+)`/g)) {
      const named = quoted!.replace(/^src\//, "");
      const path = join(root, named.startsWith("test/") ? "." : "src", named);
      const exists = /^[\w-]+\.tsx?$/.test(named) ? names.has(named) : !file.test(named) || existsSync(path);
      if (!exists) missing.push(`${page}: ${quoted}`);
    }
  }
  expect(missing).toEqual([]);
});

test("the README has every setting, and the variable of each", async () => {
  const text = await readFile(join(root, "README.md"), "utf8");
  const table = text.slice(text.indexOf("| setting | variable |"), text.indexOf("## What is promised"));
  const said = new Set(Array.from(table.matchAll(/`([\w…]+)[`=]/g), ([, word]) => word!));
  const missing = CONFIG_KEYS.flatMap((key) => [key, settingOf(key).env]).filter((word) => !said.has(word));
  expect(missing).toEqual([]);
});

/** A page without its code blocks. */
async function prose(page: string): Promise<string> {
  return (await readFile(join(root, page), "utf8")).replaceAll(/^```.*?^```$/gms, "");
}

/** As GitHub makes them of headings. */
function anchors(text: string): Set<string> {
  const titles = Array.from(text.matchAll(/^#+ (.+)$/gm), ([, title]) => title!.toLowerCase());
  return new Set(titles.map((title) => title.replaceAll(/[^\w\s-]/g, "").replaceAll(" ", "-")));
}
