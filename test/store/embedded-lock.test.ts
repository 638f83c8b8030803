import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { StartError } from "../../src/errors.ts";
import { EmbeddedLock } from "../../src/store/embedded-lock.ts";
import { tempDir } from "../support/temp-dir.ts";

async function setup(holder?: object | string) {
  const folder = await tempDir("lovage-lock-");
  const file = `${folder.path}/lock`;
  if (holder !== undefined)
    await writeFile(file, typeof holder === "string" ? holder : JSON.stringify(holder));
  return { lock: new EmbeddedLock(folder.path), other: new EmbeddedLock(folder.path), file, folder };
}

test("a folder is one process' own until it lets go", async () => {
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
])("a lock %s is taken over", async (_what, holder) => {
  const { lock, file, folder } = await setup(holder);
  await using _ = folder;
  await lock.take();
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
  await lock.release();
});

test("a lock of our pid on another host, as in another container, is left alone", async () => {
  const { lock, folder } = await setup({ pid: process.pid, host: "elsewhere", startedAt: LONG_AGO });
  await using _ = folder;
  await expect(lock.take()).rejects.toThrow(StartError);
});
