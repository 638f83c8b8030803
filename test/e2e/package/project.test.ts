import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { bareEnv, type PackedProject, packedProject, type Ran } from "../../support/packed.ts";
import { projectKinds } from "./kinds.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");
const firstPart = readme.slice(readme.indexOf("## In your project"), readme.indexOf("### Kinds of project"));
const hello = /```ts\n(.+?)```/s.exec(firstPart)![1]!;
const scope = new AsyncDisposableStack();
let project: PackedProject;
let port: number;
let dev: Child;

const TASK_FOLDERS = [...new Set(Object.keys(projectKinds).map((file) => file.split("/")[1]!))];

/** The commands of the README's first part: what follows `$ `, with what it prints there. */
const printed = new Map(
  Array.from(firstPart.matchAll(/^\$ (.+)\n((?:(?!\$ |```).*\n)*)/gm), ([, command, output]) => [
    command!,
    output!.trimEnd(),
  ]),
);

beforeAll(async () => {
  project = scope.use(await packedProject());
  port = await freePort();
  for (const command of printed.keys()) {
    if (!command.startsWith("npm ")) continue;
    // The one thing that differs from a published package; and what was downloaded once is not
    // downloaded again, nor is the registry asked about vulnerabilities. A download that hangs is
    // tried again soon: npm's default is five minutes.
    const args = command
      .replace(/\blovage\b/, project.tarball)
      .split(" ")
      .slice(1);
    const quick = [
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--fetch-timeout=20000",
      "--fetch-retries=5",
    ];
    expect(await project.run("npm", [...args, ...quick])).toMatchObject({ exitCode: 0 });
  }
}, 300_000);
// Apart from the installation, which depends on the network.
beforeAll(async () => {
  await project.write({ "hello.tasks.ts": hello, ...projectKinds });
  dev = scope.use(
    // As npx starts it, and without npm between: the terminal's Ctrl-C reaches all three.
    await startChild(process.execPath, ["node_modules/.bin/lovage", "dev", "--port", String(port)], {
      cwd: project.dir,
      env: { ...noSettings(), ...bareEnv() },
      deathSignal: "SIGTERM",
    }),
  );
  await dev.waitForLine(/^ {2}Dev /, 90_000);
}, 180_000);
afterAll(async () => {
  if (dev.running) dev.kill("SIGTERM");
  await dev.exited;
  await scope.disposeAsync();
});

function noSettings(): Record<string, undefined> {
  return Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
}

/** Calls a task as the README does, or without npx, which takes longer to start than the command. */
function call(name: string, input: object, command = ["node", "node_modules/.bin/lovage"]): Promise<Ran> {
  const [program, ...first] = command;
  const url = `http://127.0.0.1:${port}`;
  return project.run(program!, [...first, "call", name, JSON.stringify(input), "--wait", "--url", url]);
}

/** Without what differs from run to run. */
function shape(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replaceAll(/worker@\S+?(?=[ ,]|$)/gm, "worker@<host>")
    .replaceAll(/\d+ ms|\d\.\d+ s/g, "<time>")
    .replaceAll(/Node [\d.]+/g, "Node <version>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "<address>");
}

/** Its lines; the start alone may be shown together with the first progress, or before it. */
function events(output: string): string[] {
  return shape(output.trim())
    .split("\n")
    .filter((line) => !line.endsWith("STARTED by worker@<host>"));
}

describe("the README's first part", () => {
  test("shows the output of lovage dev", () => {
    const shown = printed.get("npx lovage dev")!.split("\n");
    const lines = dev.output.split("\n").map((line) => line.replace(/^stderr: /, ""));
    const said = shape(lines.join("\n")).split("\n");
    expect(dev.output).not.toContain("stderr: !");
    for (const line of shown) expect(said).toContain(shape(line));
  });

  test.each([...printed].filter(([command]) => command.startsWith("npx lovage call")))(
    "%s",
    async (command, output) => {
      const [, name, json] = /call (\S+) '(.+)'/.exec(command)!;
      const ran = await call(name!, JSON.parse(json!) as object, ["npx", "lovage"]);
      expect(events(ran.stderr + ran.stdout)).toEqual(events(output));
    },
  );
});

test.each(TASK_FOLDERS)("a task of a project of kind %s runs", async (kind) => {
  const name = `kind.${kind.replaceAll("-", "_")}`;
  const { stdout } = await call(name, { name: "Ada" });
  expect(stdout).toContain('"Hello, Ada!"');
});

describe("the compiler", () => {
  const [node, bundler] = [{ module: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }];
  test.each([
    ["nodenext, ES modules", "module", node],
    ["nodenext, CommonJS", "commonjs", node],
    ["bundler", "module", bundler],
  ])("takes a task file: %s", async (_what, type, options) => {
    const dir = `checked/${type}-${options.module}`;
    const wrong =
      'import { greet } from "./hello.js";\nimport { createApp } from "lovage";\n' +
      "export const handle = createApp({ tasks: [greet] }).enqueue(greet, { name: 7 });\n";
    await project.write({
      [`${dir}/package.json`]: JSON.stringify({ type }),
      [`${dir}/tsconfig.json`]: JSON.stringify({
        compilerOptions: {
          ...options,
          target: "es2023",
          strict: true,
          noEmit: true,
          types: [],
          skipLibCheck: true,
        },
      }),
      [`${dir}/hello.ts`]: hello,
      [`${dir}/wrong.ts`]: wrong,
    });
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await project.run("node", [tsc, "-p", "."], { cwd: dir });
    expect(stdout.trim().split("\n")[0]).toMatch(
      /^wrong\.ts\(3,\d+\): error TS2322: Type 'number' is not assignable/,
    );
    expect(stdout.match(/error TS/g)).toHaveLength(1);
  });
});

test("where only dist is deployed, its tasks are found", async () => {
  await project.write({
    "deployed/package.json": "{}",
    "deployed/dist/jobs/a.tasks.js": projectKinds["kinds/compiled/a.tasks.js"]!,
  });
  const { stdout, stderr } = await project.run("npx", ["lovage", "schema"], { cwd: "deployed" });
  expect(stdout).toContain("enqueueKindCompiled");
  expect(stderr).toBe("");
});

test.each(["cli.js", "index.js"])("%s reports in one line that Node is too old", async (file) => {
  const script = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } })`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(script)}`];
  const { exitCode, stderr } = await project.run("node", [...args, `node_modules/lovage/dist/${file}`]);
  expect(exitCode).toBe(file === "cli.js" ? 78 : 1);
  expect(stderr.match(/^.*lovage needs Node.*$/m)?.[0]).toMatch(
    /^(?:✗|Error:) lovage needs Node 22\.18 or newer; this is 20\.19\.0\. Install a newer Node\.$/,
  );
});

describe("lovage dev", () => {
  const greeting = (name: string, text: string): string =>
    `import { defineTask } from "lovage";\nimport { text } from "./text.ts";\n` +
    `export const task = defineTask({ name: "${name}", run: () => text + "${text}" });\n`;

  test("restarts when a task file is added or an import of it changes, and continues when a file is broken", async () => {
    await project.write({
      "live/text.ts": 'export const text: string = "one";\n',
      "live/new.tasks.ts": greeting("live.new", "!"),
    });
    await served("live.new", '"one!"');
    await project.write({ "live/text.ts": 'export const text: string = "two";\n' });
    await served("live.new", '"two!"');

    await project.write({ "live/text.ts": "export const text: string = ;\n" });
    await dev.waitForLine(/✗ live\/text\.ts:1:29 SyntaxError: Expression expected\./);
    await dev.waitForLine(
      /↻ The process ended with exit code 65: waiting for a change; the previous version continues/,
    );
    expect((await call("live.new", {})).stdout).toContain('"two!"');

    await project.write({ "live/text.ts": 'export const text: string = "three";\n' });
    await served("live.new", '"three!"');
  }, 90_000);

  test("Ctrl-C ends all", async () => {
    dev.kill("SIGINT");
    expect(await dev.exited).toEqual({ code: 0, signal: null });
    expect((await call("live.new", {})).exitCode).toBe(69);
  });

  /** Waits until a start after a change serves the task, and its result is this. */
  async function served(name: string, result: string): Promise<void> {
    await vi.waitFor(async () => expect((await call(name, {})).stdout).toContain(result), {
      timeout: 25_000,
      interval: 100,
    });
  }
});
