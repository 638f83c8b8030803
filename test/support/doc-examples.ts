import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { tempDir } from "./temp-dir.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The pages of the documentation, relative to the package: the README and others at the top, and
 * all below `docs/`.
 */
export async function docPages(): Promise<string[]> {
  const top = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
  const below = await readdir(join(root, "docs"), { recursive: true });
  return [...top, ...below.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
}

/**
 * The examples of one page of the documentation, as files: each is a code block whose first line is
 * a comment with the file's name.
 */
export interface DocExamples extends AsyncDisposable {
  /**
   * The folder that holds them, inside this package: `import … from "lovage"` means the package
   * itself.
   */
  readonly dir: string;
  /**
   * Imports one of them. Where the page has several blocks of one name, they are put together in
   * their order.
   */
  load<Module>(file: string): Promise<Module>;
}

/**
 * Writes the examples of a page, such as `docs/tasks.md`, into a folder of their own, and those of
 * other pages that it links by their names.
 */
export async function docExamples(page: string): Promise<DocExamples> {
  const text = await readFile(join(root, page), "utf8");
  const files = new Map([...(await linkedFiles(page, text)), ...filesOf(text)]);
  // Inside the package, so that its name leads to it.
  const parent = join(root, ".examples");
  await mkdir(parent, { recursive: true });
  const dir = await tempDir("docs-", parent);
  for (const [file, code] of files) await writeFile(join(dir.path, file), code);
  return {
    dir: dir.path,
    load: async (file) => {
      if (!files.has(file))
        throw new Error(`${page} has no example ${file}; it has ${[...files.keys()].join(", ")}.`);
      return await import(/* @vite-ignore */ pathToFileURL(join(dir.path, file)).href);
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** Files that a page links: [`connect.ts`](graphql-ws.md#connect). */
async function linkedFiles(page: string, text: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [, file, target] of text.matchAll(/\[`([\w.-]+\.\w+)`\]\(([\w./-]+\.md)[^)]*\)/g)) {
    const code = filesOf(await readFile(join(root, page, "..", target!), "utf8")).get(file!);
    if (code !== undefined) files.set(file!, code);
  }
  return files;
}

function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [, code] of page.matchAll(/^```(?:ts|js|json|graphql|bash)\n(.*?)^```$/gms)) {
    const name = /^(?:\/\/|#) ([\w.-]+\.\w+)\n/.exec(code!)?.[1];
    if (name) files.set(name, (files.get(name) ?? "") + code!);
  }
  return files;
}

/** Compiles the examples of a folder, and returns the errors. */
export async function compile(dir: string): Promise<string> {
  const config = { extends: join(root, "tsconfig.json"), include: ["**/*.ts"] };
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "--noEmit", "-p", dir], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => (output += String(data)));
  await new Promise((resolve) => child.on("close", resolve));
  return output;
}
