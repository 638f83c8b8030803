import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { TASK_FILES } from "../../../src/loading/user-files.ts";
import { runNode } from "../../support/run-cli.ts";
import { tempDir } from "../../support/temp-dir.ts";

// In a process of its own: Node's own loader with its type stripping is what is tested, not the
// test runner's.
const SCRIPT = `
  const { discoverDefinitions } = await import(process.argv[1]);
  try {
    const found = await discoverDefinitions({ globs: process.argv.slice(2), cwd: process.cwd() });
    console.log(JSON.stringify({ found: found.map(({ definition, file }) => [definition.name, file]) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.name, message: error.message }));
  }`;
const DISCOVERY = new URL("../../../dist/loading/discovery.js", import.meta.url).href;
const ALL = TASK_FILES;

interface Discovered {
  readonly found?: readonly (readonly [name: string, file: string])[];
  readonly error?: string;
  readonly message?: string;
}

async function discover(
  files: Readonly<Record<string, string>>,
  globs: readonly string[] = [ALL],
): Promise<Discovered> {
  await using folder = await tempDir();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), content);
  }
  const args = ["--no-warnings", "--input-type=module", "--eval", SCRIPT, DISCOVERY, ...globs];
  const { stdout, stderr } = await runNode(args, { cwd: folder.path });
  if (stdout === "") throw new Error(stderr);
  // The folder's own name differs from run to run.
  return JSON.parse(stdout.replaceAll(folder.path, "<cwd>")) as Discovered;
}

function taskFile(name: string): string {
  return `import { defineTask } from "lovage";\nexport const task = defineTask({ name: "${name}", run: () => 1 });\n`;
}

describe.concurrent("finding", () => {
  test("takes every exported definition of .ts, .js and .mjs files, in the order of their paths", async () => {
    const { found } = await discover({
      "package.json": '{"type":"module"}',
      "b/deep/one.tasks.ts": `import { defineTask, type TaskContext } from "lovage";
        import { z } from "zod";
        export const first = defineTask({ name: "ts.first", input: z.object({ x: z.number() }), run: ({ x }: { x: number }) => x });
        export default defineTask({ name: "ts.second", run: (_input: unknown, ctx: TaskContext) => ctx.id });
        export const noTask = { kind: "other" };`,
      "a.tasks.js": taskFile("js.task"),
      "c.tasks.mjs": taskFile("mjs.task"),
      "other.ts": taskFile("not.found"),
      "types.tasks.d.ts": "export declare const x: number;",
    });
    expect(found).toEqual([
      ["js.task", "a.tasks.js"],
      ["ts.second", "b/deep/one.tasks.ts"],
      ["ts.first", "b/deep/one.tasks.ts"],
      ["mjs.task", "c.tasks.mjs"],
    ]);
  });

  const scattered = {
    "src/a.tasks.mjs": taskFile("src"),
    "dist/a.tasks.mjs": taskFile("dist"),
    "node_modules/p/a.tasks.mjs": taskFile("package"),
    ".cache/a.tasks.mjs": taskFile("cache"),
  };

  test.each([
    [[ALL], ["src"]],
    [["dist/*.tasks.mjs"], ["dist"]],
    [
      ["**/dist/*.tasks.mjs", "src"],
      ["dist", "src"],
    ],
    [["node_modules/p/a.tasks.mjs"], ["package"]],
    [["./src/../.cache/*.mjs"], ["cache"]],
    [["src/a.tasks.mjs", "src/*.mjs", "src"], ["src"]],
  ])("%j finds %j: build, package and dot folders only where they are named", async (globs, names) => {
    const { found } = await discover(scattered, globs);
    expect(found?.map(([name]) => name)).toEqual(names);
  });

  test.each<[what: string, files: readonly string[], found: readonly string[]]>([
    ["dist, when nothing else is there", ["dist/a.tasks.mjs"], ["dist/a.tasks.mjs"]],
    ["the source, not what is compiled beside it", ["a.tasks.mts", "a.tasks.mjs"], ["a.tasks.mts"]],
    ["the source, not its output", ["src/x/a.tasks.mts", "build/x/a.tasks.mjs"], ["src/x/a.tasks.mts"]],
    ["the same in a package of several", ["p/a.tasks.mts", "p/out/a.tasks.mjs"], ["p/a.tasks.mts"]],
    [
      "files of one name in two packages",
      ["p/src/a.tasks.mts", "q/src/a.tasks.mjs"],
      ["p/src/a.tasks.mts", "q/src/a.tasks.mjs"],
    ],
  ])("takes %s", async (_what, files, expected) => {
    const { found } = await discover(
      Object.fromEntries(files.map((file, index) => [file, taskFile(`task${index}`)])),
    );
    expect(found?.map(([, file]) => file)).toEqual(expected);
  });

  test("a definition that another file re-exports counts once", async () => {
    const { found } = await discover({
      "a.tasks.mjs": taskFile("one"),
      "b.tasks.mjs": 'export * from "./a.tasks.mjs";',
    });
    expect(found).toEqual([["one", "a.tasks.mjs"]]);
  });

  test("finding nothing is for the caller to judge", async () => {
    expect(await discover({})).toEqual({ found: [] });
  });
});

describe.concurrent("packages", () => {
  test('"lovage" is the running copy, whatever else is installed', async () => {
    const { found } = await discover({
      "node_modules/lovage/package.json": '{"type":"module","exports":"./index.js"}',
      "node_modules/lovage/index.js":
        'export const defineTask = () => ({ kind: "lovage.task", name: "other.copy" });',
      "a.tasks.mjs": taskFile("this.copy"),
    });
    expect(found).toEqual([["this.copy", "a.tasks.mjs"]]);
  });

  test('"zod" is the file\'s own where it has one', async () => {
    const { found } = await discover({
      "node_modules/zod/package.json": '{"type":"module","exports":"./index.js"}',
      "node_modules/zod/index.js": 'export const name = "own.zod";',
      "a.tasks.mjs": `import { defineTask } from "lovage"; import { name } from "zod";
        export const a = defineTask({ name, run: () => 1 });`,
    });
    expect(found).toEqual([["own.zod", "a.tasks.mjs"]]);
  });
});

describe.concurrent("broken files", () => {
  test.each<[what: string, name: string, content: string, message: RegExp]>([
    [
      "a syntax error in TypeScript",
      "a.tasks.ts",
      "const x: number = 1;\nconst y = ;\nexport {};",
      /^a\.tasks\.ts:2:11 SyntaxError: Expression expected\.$/,
    ],
    [
      "a syntax error in JavaScript",
      "a.tasks.mjs",
      'import "lovage";\nfoo bar\n',
      /^a\.tasks\.mjs:2:5 SyntaxError: Unexpected identifier 'bar'\.$/,
    ],
    [
      "a name declared twice",
      "a.tasks.ts",
      "export const x: number = 1;\nconst x = 2;",
      /^a\.tasks\.ts:2:7 SyntaxError: Identifier 'x' has already been declared\.$/,
    ],
    [
      "an error while it loads",
      "a.tasks.mjs",
      "\nexport const x =\n  null.foo;",
      /^a\.tasks\.mjs:3:8 TypeError: Cannot read properties of null \(reading 'foo'\)\.$/,
    ],
    [
      "a definition that cannot be used",
      "a.tasks.mjs",
      'import { defineTask } from "lovage";\n\n  defineTask({ name: "1x", run: 5 });',
      /^a\.tasks\.mjs:3:3 Task "1x" cannot be defined: name: expected a letter.*; run: expected a function, got 5\.$/,
    ],
    [
      "an enum",
      "a.tasks.ts",
      "export enum A { B }",
      /^a\.tasks\.ts:1:\d+ SyntaxError: TypeScript enum is not supported.* install tsx and set NODE_OPTIONS=--import=tsx; or compile the files/,
    ],
    [
      "a decorator",
      "a.tasks.ts",
      "function d() {}\nexport class A {\n  @d x = 1;\n}",
      /^a\.tasks\.ts:3:3 SyntaxError: .* Node does not run them\. .* install tsx/,
    ],
    [
      "a package that is not there",
      "a.tasks.mjs",
      'import "nowhere";',
      /^a\.tasks\.mjs Cannot find package 'nowhere'.* Install it in the project: npm install <package>\.$/,
    ],
    [
      "a file that is not there",
      "a.tasks.mjs",
      'import "./nowhere";',
      /^a\.tasks\.mjs Cannot find module '<cwd>\/nowhere'.* in JavaScript it needs the file's extension, such as \.\/other\.js\.$/,
    ],
    [
      "a type imported as a value",
      "a.tasks.ts",
      'import { TaskContext } from "lovage";',
      /^a\.tasks\.ts:1:10 SyntaxError: .* import it with `import type`\.$/,
    ],
    [
      "something thrown that is no Error",
      "a.tasks.mjs",
      'throw "no";',
      /^a\.tasks\.mjs A value that is not an Error was thrown: no\.$/,
    ],
  ])("%s is reported with its position and the remedy", async (_what, name, content, message) => {
    const { error, message: told } = await discover({ [name]: content });
    expect(error).toBe("DefinitionError");
    expect(told).toMatch(message);
  });

  test("import in a file that is CommonJS by its name is refused with the remedy", async () => {
    const { message } = await discover({ "a.tasks.cts": taskFile("a") });
    expect(message).toMatch(/^a\.tasks\.cts:1:1 SyntaxError: .* Rename the file to \.mts or \.mjs\.$/);
  });

  test("the position is that of an imported file when the mistake is there", async () => {
    const { message } = await discover({
      "a.tasks.mjs": 'import "./lib.mjs";',
      "lib.mjs": "const a = 1;\nconst a = 2;",
    });
    expect(message).toBe("lib.mjs:2:7 SyntaxError: Identifier 'a' has already been declared.");
  });

  test("all broken files are reported at once", async () => {
    const { message } = await discover({
      "a.tasks.mjs": "x y",
      "b.tasks.mjs": taskFile("good"),
      "c.tasks.mjs": "null.x",
    });
    expect(message?.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "a.tasks.mjs:1:3",
      "c.tasks.mjs:1:6",
    ]);
  });

  test("a file that is named and not there", async () => {
    const { message } = await discover({}, ["src/mail.tasks.ts"]);
    expect(message).toBe("There is no file src/mail.tasks.ts. Correct --tasks or LOVAGE_TASKS.");
  });
});
