import { closeSync, openSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { startChild } from "../../../support/child.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { CLI, runCli } from "../../../support/run-cli.ts";

const TASK =
  'import { defineTask } from "lovage";\nexport const a = defineTask({ name: "a.b", run: () => 1 });\n';
const READY = /^\s+lovage \d/;

async function project(): Promise<string> {
  const folder = await tempDir("lovage-start-");
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await mkdir(join(folder.path, "node_modules"));
  await symlink(
    fileURLToPath(new URL("../../../..", import.meta.url)),
    join(folder.path, "node_modules/lovage"),
  );
  await writeFile(join(folder.path, "a.tasks.mjs"), TASK);
  return folder.path;
}

const up = (cwd: string, embeddedDir: string) =>
  runCli(["up", "--port", "0"], { cwd, env: { LOVAGE_EMBEDDED_DIR: embeddedDir } });

/** Everything but notes of progress and the log. */
const complaints = (stderr: string): string[] =>
  stderr.split("\n").filter((line) => line !== "" && !/^(?:Opening|Creating|\{)/.test(line));

test("a start logs at once that it creates the database, and the next start that it opens it", async () => {
  const cwd = await project();
  const start = async () => {
    await using child = await startChild(process.execPath, [CLI, "up", "--port", "0"], { cwd, name: "up" });
    await child.waitForLine(READY, 60_000);
    child.kill();
    expect(await child.exited).toMatchObject({ code: 0 });
    return child.stderrLines[0];
  };
  expect(await start()).toBe("Creating the embedded database in .lovage/ …");
  expect(await start()).toBe("Opening the embedded database in .lovage/ …");
});

test.runIf(process.platform === "linux")("a start needs little memory, the first one too", async () => {
  const cwd = await project();
  // As users start it: everything is compiled.
  const options = { cwd, name: "up", env: { NODE_COMPILE_CACHE: undefined } };
  const peakMb = async (): Promise<number> => {
    await using child = await startChild(process.execPath, [CLI, "up", "--port", "0"], options);
    await child.waitForLine(READY, 60_000);
    // What compiles in the background is done by then: it was 600 MB once.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1_024);
  };
  expect(await peakMb()).toBeLessThan(450);
  expect(await peakMb()).toBeLessThan(400);
});

const isRoot = process.getuid?.() === 0;

test
  .runIf(process.platform === "linux")
  .each<[string, string, (cwd: string) => Promise<string> | string, readonly string[]]>([
    ["in /proc", "ENOENT", () => "/proc/x", []],
    ["deep in /proc", "ENOENT", () => "/proc/x/y/z", []],
    ["below a device", "ENOTDIR", () => "/dev/null/x", []],
    ["that is a device", "ENOTDIR", () => "/dev/null", []],
    ["with a part that is too long", "ENAMETOOLONG", () => `${"x".repeat(300)}/y`, []],
    ["that is a loop of links", "ELOOP", (cwd) => loop(cwd), []],
    ["whose data are a file", "ENOTDIR", (cwd) => dataIsFile(cwd), []],
    ["whose lock is a folder", "EISDIR", (cwd) => lockIsFolder(cwd), []],
    // Root may write everywhere, but not here.
    ["that is read-only", isRoot ? "EPERM" : "EACCES", (cwd) => (isRoot ? "/sys/x" : readOnly(cwd)), []],
  ])("an embedded folder %s ends the start with one line (%s)", async (_what, code, make) => {
  const cwd = await project();
  const { exitCode, stderr } = await up(cwd, await make(cwd));
  expect(complaints(stderr)).toEqual([
    expect.stringMatching(
      new RegExp(`^✗ The embedded database cannot use the folder .* \\(${code}\\)\\. Name`),
    ),
  ]);
  expect(exitCode).toBe(78);
});

async function loop(cwd: string): Promise<string> {
  await symlink("loop", join(cwd, "loop"));
  return "loop";
}

async function dataIsFile(cwd: string): Promise<string> {
  await mkdir(join(cwd, "db"));
  await writeFile(join(cwd, "db/data"), "");
  return "db";
}

async function lockIsFolder(cwd: string): Promise<string> {
  await mkdir(join(cwd, "db/lock"), { recursive: true });
  return "db";
}

async function readOnly(cwd: string): Promise<string> {
  await mkdir(join(cwd, "db"));
  await chmod(join(cwd, "db"), 0o500);
  return "db/x";
}

test.each([
  ["of 5,000 characters", "x".repeat(5_000)],
  ["that is blank", "   "],
])("an embedded folder %s is refused by the setting's name", async (_what, folder) => {
  const { exitCode, stderr } = await up(await project(), folder);
  expect(complaints(stderr)).toEqual([
    expect.stringMatching(
      /^✗ embeddedDir \(LOVAGE_EMBEDDED_DIR\): expected the path of a folder, 1 to 4,000 characters and not blank, got /,
    ),
  ]);
  expect(exitCode).toBe(78);
});

const scope = new AsyncDisposableStack();
afterAll(() => scope.disposeAsync());

async function createIntact(): Promise<string> {
  const folder = scope.use(await tempDir("lovage-intact-"));
  const database = new PgDatabase({ kind: "embedded", folder: folder.path }, silentLogger);
  await database.connect();
  await database.migrate();
  await database.close();
  return folder.path;
}

let intactFolder: Promise<string> | undefined;
/** One database for all, to be damaged in copies. */
const intact = (): Promise<string> => (intactFolder ??= createIntact());

const rubbish = (file: string) => writeFile(file, Buffer.alloc(8_192, 0x5a), { flag: "r+" });
const segmentsOf = async (data: string): Promise<string[]> =>
  (await readdir(join(data, "pg_wal"))).filter((name) => name.length === 24);

test.each<[string, RegExp, (data: string) => Promise<unknown>]>([
  [
    "a damaged WAL",
    /checkpoint record|WAL|resource manager/,
    async (data) => {
      for (const name of await segmentsOf(data))
        await writeFile(join(data, "pg_wal", name), Buffer.alloc(4 * 2 ** 20, 0x5a));
    },
  ],
  [
    "a missing WAL",
    /could not locate a valid checkpoint record/,
    async (data) => {
      for (const name of await segmentsOf(data)) await rm(join(data, "pg_wal", name));
    },
  ],
  ["a damaged control file", /incompatible|control file/, (data) => rubbish(join(data, "global/pg_control"))],
  ["a missing control file", /pg_control/, (data) => rm(join(data, "global/pg_control"))],
  ["a damaged table", /invalid page/, (data) => rubbish(join(data, "base/5/1259"))],
  ["an older version", /incompatible/, (data) => writeFile(join(data, "PG_VERSION"), "14\n")],
  [
    "rubbish for settings",
    /postgresql\.conf" contains errors/,
    (data) => writeFile(join(data, "postgresql.conf"), "= =\n"),
  ],
])(
  "an embedded database with %s ends the start with one line and PostgreSQL's reason",
  async (_what, reason, damage) => {
    const [cwd, source] = await Promise.all([project(), intact()]);
    await cp(source, join(cwd, ".lovage"), { recursive: true });
    await damage(join(cwd, ".lovage/data"));
    const { exitCode, stderr } = await up(cwd, ".lovage");
    const [line, ...more] = complaints(stderr);
    expect(line).toMatch(
      /^✗ The data in .*\.lovage cannot be opened \(PostgreSQL: .*\): they are damaged, or /,
    );
    expect(line).toMatch(reason);
    expect(line).toMatch(/Restore the folder from a copy/);
    expect(more).toEqual([]);
    expect(exitCode).toBe(78);
  },
);

async function intoFull(args: readonly string[]): Promise<{ exitCode: number | null; stderr: string }> {
  const cwd = await project();
  const full = openSync("/dev/full", "w");
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    ...{ cwd, env: { PATH, HOME }, timeout: 25_000 },
    stdio: ["ignore", full, "pipe"],
  });
  closeSync(full);
  const closed = once(child, "close");
  const stderr = await text(child.stderr!);
  await closed;
  return { exitCode: child.exitCode, stderr };
}

test
  .runIf(process.platform === "linux")
  .each([
    [["--help"]],
    [["--version"]],
    [["schema"]],
    [["config"]],
    [["config", "--json"]],
    [["doctor"]],
    [["up", "--port", "0"]],
  ])("%j on a full disk reports it in one line", async (args) => {
  const { exitCode, stderr } = await intoFull(args);
  const [line, ...more] = complaints(stderr.replace(/^(\{"code":)/m, "✗ $1"));
  expect(line).toMatch(/^✗ .*Cannot write to standard output: ENOSPC/);
  expect(more).toEqual([]);
  expect(exitCode).toBe(74);
});

test.runIf(process.platform === "linux")("a process that cannot write its log continues", async () => {
  const cwd = await project();
  const script = `exec "$0" "$1" up --port 0 --log-level debug 2>/dev/full`;
  await using child = await startChild("sh", ["-c", script, process.execPath, CLI], { cwd, name: "up" });
  const line = await child.waitForLine(/GraphQL\s+http/, 60_000);
  const url = /http:\S+(?=\/graphql)/.exec(line)![0];
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill();
  expect(await child.exited).toMatchObject({ code: 0 });
});
