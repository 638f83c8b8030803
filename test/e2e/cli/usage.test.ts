import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli, runNode } from "../../support/run-cli.ts";

const folder = await tempDir();
afterAll(() => folder[Symbol.asyncDispose]());
const cwd = folder.path;

describe.concurrent("help", () => {
  test("--help names every command, the exit codes and examples", async () => {
    const { exitCode, stdout, stderr } = await runCli(["--help"], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const commands = [
      "up",
      "server",
      "worker",
      "migrate",
      "schema",
      "call",
      "tasks",
      "task",
      "definitions",
      "workers",
      "queues",
      "stats",
      "failures",
      "schedule",
      "import",
      "doctor",
      "config",
    ];
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(stdout).toContain("78 configuration");
  });

  test("--help loads only the parser of arguments, so that it is quick", async () => {
    const list = join(cwd, "loaded.mjs");
    await writeFile(
      list,
      `import { registerHooks } from "node:module";
       registerHooks({ load: (url, context, next) => { process.stderr.write(url + "\\n"); return next(url, context); } });`,
    );
    const { stderr } = await runNode(["--import", list, CLI, "--help"], { cwd });
    const packages = new Set(
      [...stderr.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map((match) => match[1]),
    );
    expect([...packages]).toEqual(["commander"]);
    expect(stderr.trim().split("\n").length).toBeLessThan(40);
  });

  test.each(["up", "worker", "call"])(
    "%s --help shows its own options and the general ones",
    async (command) => {
      const { exitCode, stdout } = await runCli([command, "--help"], { cwd });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/Options:[\s\S]*Global Options:[\s\S]*--json/);
    },
  );

  test("--version prints the package's version", async () => {
    const { version } = JSON.parse(
      await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(await runCli(["--version"], { cwd })).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("no command at all is a mistake, answered with the help", async () => {
    const { exitCode, stderr } = await runCli([], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Usage: lovage");
  });
});

describe.concurrent("usage errors", () => {
  test.each([
    [["wroker"], '✗ unknown command "wroker". Did you mean "worker"?\n'],
    [["worker", "--conc", "5"], '✗ unknown option "--conc". Did you mean "--concurrency"?\n'],
    [["schedule", "lst"], '✗ unknown command "lst". Did you mean "list"?\n'],
    [["schedule", "remove", "x"], '✗ unknown command "remove". See `lovage schedule --help`.\n'],
    [["schedule", "show"], '✗ missing required argument "name". See `lovage schedule show --help`.\n'],
    [["schedule", "add", "--crn", "x"], '✗ unknown option "--crn". Did you mean "--cron"?\n'],
    [["import", "celery-beat"], /^✗ required option "--from <url>" not specified\. .*\n$/],
    [["up", "--jsn"], '✗ unknown option "--jsn". Did you mean "--json"?\n'],
    [["up", "--port"], /^✗ option "--port <number>" argument missing\. .*\n$/],
    [["up", "now"], /^✗ too many arguments for "up"\. .*\n$/],
    [["call"], /^✗ missing required argument "name"\. .*\n$/],
    [["call", "x", "--delay", "soon"], /^✗ --delay: expected a duration such as .*, got "soon"\.\n$/],
    [
      ["call", "x", "--run-at", "tomorrow"],
      /^✗ --run-at: expected a timestamp with a time zone .*, got "tomorrow"\. For example .*Z\.\n$/,
    ],
    [
      ["call", "x", "--tag", "a", '{"n":1}'],
      /^✗ --tag: expected tags, got "\{\\"n\\":1\}", since it takes every word after it\. Put the args before --tag\.\n$/,
    ],
    [["call", "x", "--soft-time-limit", "soon"], /^✗ --soft-time-limit: expected a duration/],
    [["call", "x", "--max-attempts", "x"], /^✗ --max-attempts: expected an integer from 1 to /],
    [["call", "x", "--timeout", "x"], /^✗ --timeout: expected a duration/],
  ])("%j ends with 2 and one line", async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli(args, { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    if (typeof message === "string") expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
  });

  test("with --json the error is one JSON object with code, message and hint", async () => {
    const { exitCode, stderr } = await runCli(["worker", "--conc", "5", "--json"], { cwd });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      code: "USAGE",
      message: 'unknown option "--conc".',
      hint: 'Did you mean "--concurrency"?',
    });
  });
});

test.concurrent("an unknown kind of error shows its stack only with --verbose", async () => {
  const broken = ["tasks", "--url", "http://127.0.0.1:9"];
  expect((await runCli(broken, { cwd })).stderr.trim().split("\n")).toHaveLength(1);
  expect((await runCli([...broken, "--verbose"], { cwd })).stderr).toMatch(/\n\s+at /);
});
