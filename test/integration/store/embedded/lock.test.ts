import { execFileSync } from "node:child_process";
import { lstat, lutimes, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { expect, test, vi } from "vitest";
import { StartError } from "../../../../src/errors.ts";
import { processLife } from "../../../../src/lib/process/process-life.ts";
import { EmbeddedLock } from "../../../../src/store/embedded/lock.ts";
import { startChild } from "../../../support/child.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function setup(holder?: object | string) {
  const folder = await tempDir("lovage-lock-");
  const file = `${folder.path}/lock`;
  if (holder !== undefined)
    await writeFile(file, typeof holder === "string" ? holder : JSON.stringify(holder));
  return { lock: new EmbeddedLock(folder.path), other: new EmbeddedLock(folder.path), file, folder };
}

test("a folder belongs to one process until it releases it", async () => {
  const { lock, other, folder } = await setup();
  await using _ = folder;
  await lock.take();
  await expect(other.take()).rejects.toThrow(StartError);
  await expect(other.take()).rejects.toThrow(`in use by process ${process.pid}`);
  await lock.release();
  await other.take();
  await other.release();
});

const LONG_AGO = "2020-01-01T00:00:00.000Z";

test.each<[string, object | string]>([
  // A container that is started again gives its process the pid of the one that was killed.
  ["of a killed process that had our pid", { pid: process.pid, host: hostname(), startedAt: LONG_AGO }],
  ["of a process that is gone", { pid: 2 ** 22 + 1, host: hostname(), startedAt: LONG_AGO }],
  ["that was never fully written", "{"],
  // To kill(2), 0 is the group of the process, and -1 is every process: both always exist.
  ["of pid 0", { pid: 0, host: hostname(), startedAt: LONG_AGO }],
  ["of pid -1", { pid: -1, host: hostname(), startedAt: LONG_AGO }],
  ["of a pid beyond all", { pid: 2 ** 32, host: hostname(), startedAt: LONG_AGO }],
  ["of a pid that is a fraction", { pid: 1.5, host: hostname(), startedAt: LONG_AGO }],
  ["of pid 1 that no process of ours wrote", { pid: 1 }],
  ["of pid 1 with a host that is not a string", { pid: 1, host: 7, startedAt: LONG_AGO }],
  ["of pid 1 since no time", { pid: 1, host: "elsewhere", startedAt: "soon" }],
  ["that is a list", []],
  ["that is null", "null"],
  ["of 1 MB", " ".repeat(1_000_000)],
])("a lock %s is claimed", async (_what, holder) => {
  const { lock, file, folder } = await setup(holder);
  await using _ = folder;
  await lock.take();
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
  await lock.release();
});

test.skipIf(process.platform === "win32").each([
  ["a file", async (target: string) => writeFile(target, "precious")],
  ["nothing", async () => undefined],
  ["a lock that holds elsewhere", async (target: string) => writeFile(target, JSON.stringify({ pid: 1 }))],
])("a lock that is a link to %s is replaced, and its target is not touched", async (_what, make) => {
  const { lock, file, folder } = await setup();
  await using _ = folder;
  await using elsewhere = await tempDir("lovage-target-");
  const target = `${elsewhere.path}/target`;
  await make(target);
  const before = await readFile(target, "utf8").catch(() => null);
  await symlink(target, file);
  await lock.take();
  expect((await lstat(file)).isSymbolicLink()).toBe(false);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: process.pid });
  expect(await readFile(target, "utf8").catch(() => null)).toBe(before);
  await lock.release();
});

test.skipIf(process.platform === "win32")(
  "a guard that is a link to nothing does not block forever",
  async () => {
    const { lock, file, folder } = await setup("{");
    await using _ = folder;
    await symlink(`${folder.path}/nothing`, `${file}.guard`);
    const longAgo = new Date(LONG_AGO);
    await lutimes(`${file}.guard`, longAgo, longAgo);
    await lock.take();
    await lock.release();
  },
);

test.skipIf(process.platform === "win32")("a lock that is a pipe is not waited for", async () => {
  const { lock, file, folder } = await setup();
  await using _ = folder;
  execFileSync("mkfifo", [file]);
  await lock.take();
  await lock.release();
});

test("a lock of the same pid on another host, as in another container, is respected", async () => {
  const { lock, folder } = await setup({ pid: process.pid, host: "elsewhere", startedAt: LONG_AGO });
  await using _ = folder;
  await expect(lock.take()).rejects.toThrow(StartError);
});

/** A program that does nothing, for as long as the test lasts. */
const idle = () => startChild("sleep", ["600"], { name: "sleep" });

test("the lock of a process that runs holds; when it was killed, the next open works at once", async () => {
  await using holder = await idle();
  const { lock, folder } = await setup({
    ...{ pid: holder.pid, life: await processLife(holder.pid), host: hostname(), startedAt: LONG_AGO },
  });
  await using _ = folder;
  await expect(lock.take()).rejects.toThrow(`in use by process ${holder.pid}`);
  holder.kill("SIGKILL");
  await holder.exited;
  await lock.take();
  await lock.release();
});

test("a pid that another program has by now is not a holder", async () => {
  await using other = await idle();
  const holder = { pid: other.pid, life: "0b1e5a1c 4711", host: hostname(), startedAt: LONG_AGO };
  const { lock, folder } = await setup(holder);
  await using _ = folder;
  await lock.take();
  await lock.release();
});

test.runIf(process.platform === "linux")("a killed process that was not reaped is not a holder", async () => {
  // The shell leaves its child to a program that never looks after children.
  await using parent = await startChild("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 600"], { name: "sh" });
  const line = await parent.waitForLine(/^\d+$/);
  const pid = Number(line);
  const before = { pid, life: await processLife(pid), host: hostname(), startedAt: LONG_AGO };
  await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z "));
  const { lock, folder } = await setup(before);
  await using _ = folder;
  await lock.take();
  await lock.release();
});

async function afterTurns<Result>(turns: number, work: () => Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
  return work();
}

test("of many processes that find a dead lock at once, one gets the folder, and leaves nothing else in it", async () => {
  for (let round = 0; round < 10; round += 1) {
    const { folder } = await setup({ pid: 2 ** 22 + 1, life: "", host: hostname(), startedAt: LONG_AGO });
    await using _ = folder;
    const locks = Array.from({ length: 8 }, () => new EmbeddedLock(folder.path));
    const taken = await Promise.allSettled(locks.map((lock, index) => afterTurns(index, () => lock.take())));
    expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual(["lock"]);
    for (const lock of locks) await lock.release();
  }
});
