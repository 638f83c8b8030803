import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDataFile } from "../../../src/demo/csv/data-file.ts";
import { FatalError } from "../../../src/index.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";

const NOBODY = 65_534;

let base: TempDir;
/** The data folder; beside it lie `data-2` and `secret.csv`, which nobody may read through it. */
let data: string;

beforeAll(async () => {
  base = await tempDir();
  data = join(base.path, "data");
  await mkdir(join(data, "sub/deep"), { recursive: true });
  await mkdir(join(base.path, "data-2"));
  await writeFile(join(base.path, "secret.csv"), "secret");
  await writeFile(join(base.path, "data-2/secret.csv"), "secret");
  await writeFile(join(data, "a.csv"), "open");
  await writeFile(join(data, "sub/b.csv"), "open");
  await writeFile(join(data, "..c.csv"), "open");
  await symlink("../a.csv", join(data, "sub/link-inside.csv"));
  await symlink("sub", join(data, "sub-link"));
  await symlink(data, join(base.path, "data-link"));
  await symlink("../secret.csv", join(data, "link-out.csv"));
  await symlink(join(base.path, "data-2"), join(data, "folder-out"));
  await symlink("link-out.csv", join(data, "link-to-link-out.csv"));
  await symlink("circle-2", join(data, "circle-1"));
  await symlink("circle-1", join(data, "circle-2"));
  await symlink("nowhere", join(data, "dangling"));
});
afterAll(() => base[Symbol.asyncDispose]());

async function read(path: string, folder: string | undefined = data): Promise<string> {
  const { handle, size } = await openDataFile(folder, path);
  try {
    const text = await handle.readFile("utf8");
    expect(size).toBe(Buffer.byteLength(text));
    return text;
  } finally {
    await handle.close();
  }
}

test.each([
  "a.csv",
  "./a.csv",
  "sub/b.csv",
  "sub//b.csv",
  "sub/link-inside.csv",
  "sub-link/b.csv",
  // Two dots are a part of this name, not a way up.
  "..c.csv",
])("%s is read", async (path) => {
  await expect(read(path)).resolves.toBe("open");
});

test("the data folder itself may be a link", async () => {
  await expect(read("a.csv", join(base.path, "data-link"))).resolves.toBe("open");
});

describe("refused for good, with the reason and the remedy:", () => {
  test.each([
    ["../secret.csv", 'expected a path without "..", which could leave the data folder'],
    ["sub/../../secret.csv", 'expected a path without "..", which could leave the data folder'],
    ["sub/../a.csv", 'expected a path without "..", which could leave the data folder'],
    ["..\\secret.csv", 'expected a path without "..", which could leave the data folder'],
    ["..", 'expected a path without "..", which could leave the data folder'],
    ["/etc/passwd", "expected a path relative to the data folder, got an absolute one"],
    ["\\\\server\\share\\a.csv", "expected a path relative to the data folder, got an absolute one"],
    ["C:\\a.csv", "expected a path relative to the data folder, got an absolute one"],
    ["c:a.csv", "expected a path relative to the data folder, got an absolute one"],
    ["a.csv\0.png", "expected a file name, got a NUL character"],
    ["\0", "expected a file name, got a NUL character"],
    ["", "expected the path of a file, got an empty string"],
    [".", "expected a file, got a folder"],
    ["sub", "expected a file, got a folder"],
    ["sub/", "expected a file, got a folder"],
    ["missing.csv", "no such file"],
    ["missing/a.csv", "no such file"],
    ["dangling", "no such file"],
    ["a.csv/b.csv", "expected a folder in the path, got a file"],
    ["circle-1", "expected a file, got a circle of links"],
    ["x".repeat(1000), "expected a shorter path"],
    ["link-out.csv", "expected a file in the data folder, got a link out of it"],
    ["link-to-link-out.csv", "expected a file in the data folder, got a link out of it"],
    ["folder-out/secret.csv", "expected a file in the data folder, got a link out of it"],
    ["folder-out", "expected a file in the data folder, got a link out of it"],
  ])("%j", async (path, rule) => {
    const error: unknown = await read(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    const { message } = error as Error;
    expect(message).toMatch(/^path ".*": /);
    expect(message).toContain(rule);
    expect(message).toContain('Use the path of a file below the data folder, such as "orders/2026.csv".');
    // The caller learns nothing of where the folder lies, and PostgreSQL can store the message.
    expect(message).not.toContain(base.path);
    expect(message).not.toContain("\0");
    expect(message.length).toBeLessThan(300);
  });

  test.skipIf(process.platform === "win32")("a pipe, without waiting for its writer", async () => {
    await promisify(execFile)("mkfifo", [join(data, "pipe.csv")]);
    await expect(read("pipe.csv")).rejects.toThrow(
      'path "pipe.csv": expected a regular file, got a device or pipe',
    );
  });

  test("a file that the worker may not read", async () => {
    await writeFile(join(data, "private.csv"), "secret", { mode: 0 });
    // Root may read everything: for this look it becomes nobody.
    const isRoot = process.geteuid?.() === 0;
    await chmod(base.path, 0o755);
    if (isRoot) process.seteuid!(NOBODY);
    try {
      await expect(read("private.csv")).rejects.toThrow(
        'path "private.csv": the worker has no right to read it',
      );
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});

test.each([
  [undefined, "LOVAGE_DATA_DIR: expected a folder, got none"],
  ["", "LOVAGE_DATA_DIR: expected a folder, got none"],
  ["/nowhere/at/all", 'LOVAGE_DATA_DIR: expected a readable folder, got "/nowhere/at/all" (ENOENT)'],
])("without a data folder (%j) the error names the setting", async (folder, message) => {
  const error: unknown = await openDataFile(folder, "a.csv").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FatalError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).toContain("Set it to the folder with the CSV files");
});

// Other systems cannot say where an opened file lies, so there the protection is not complete.
test.runIf(process.platform === "linux")(
  "a folder on the way that is swapped for a link out again and again never lets a secret through",
  async () => {
    const way = join(data, "swapped");
    const parked = join(base.path, "parked");
    await mkdir(way);
    await writeFile(join(way, "secret.csv"), "open");
    const tried = new AbortController();
    const swapping = (async () => {
      while (!tried.signal.aborted) {
        await rename(way, parked);
        await symlink(join(base.path, "data-2"), way);
        await unlink(way);
        await rename(parked, way);
      }
    })();
    const results = new Set<string>();
    for (let tries = 0; tries < 1000; tries += 1) {
      const result = await read("swapped/secret.csv").catch((error: unknown) => error);
      results.add(typeof result === "string" ? result : (result as Error).message);
    }
    tried.abort();
    await swapping;
    expect(results).not.toContain("secret");
    await expect(read("swapped/secret.csv")).resolves.toBe("open");
  },
);

test.runIf(process.platform === "linux")("no refusal leaves a file open", async () => {
  const countOpen = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
  const before = await countOpen();
  for (let tries = 0; tries < 50; tries += 1)
    await expect(read("sub")).rejects.toThrow("expected a file, got a folder");
  expect(await countOpen()).toBeLessThan(before + 25);
});
