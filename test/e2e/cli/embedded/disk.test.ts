import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { UnavailableError } from "../../../../src/errors.ts";
import { checkDiskRoom } from "../../../../src/store/embedded/disk.ts";
import { type Child, startChild } from "../../../support/child.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { CLI } from "../../../support/run-cli.ts";

const TASK = `import { defineTask } from "lovage";
import { z } from "zod";
export const a = defineTask({ name: "a.b", input: z.object({ text: z.string() }), run: () => 1 });
`;
const ENQUEUE = `mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(input: { tasks: $inputs }) { ids errors { message } } }`;
const IDS = "{ tasks(first: 100) { nodes { id } totalCount } }";

async function project(): Promise<string> {
  const folder = await tempDir("lovage-disk-");
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await mkdir(join(folder.path, "node_modules"));
  await symlink(
    fileURLToPath(new URL("../../../..", import.meta.url)),
    join(folder.path, "node_modules/lovage"),
  );
  await writeFile(join(folder.path, "a.tasks.mjs"), TASK);
  return folder.path;
}

interface Reply {
  readonly data?: Record<string, never> | null;
  readonly errors?: readonly { message: string; extensions: { code: string; retryAfter?: number } }[];
}

/** `lovage up` on a folder, run by a shell that may limit it first. */
async function up(cwd: string, embeddedDir: string, before = "") {
  const script = `${before} exec "$0" "$1" up --port 0`;
  const child = await startChild("sh", ["-c", script, process.execPath, CLI], {
    ...{ cwd, name: "up" },
    env: { LOVAGE_EMBEDDED_DIR: embeddedDir, LOVAGE_LOG_FORMAT: "json", LOVAGE_GRACE_TIME: "2s" },
  });
  onTestFinished(() => child[Symbol.asyncDispose]());
  const line = await child.waitForLine(/GraphQL\s+http/, 60_000);
  const url = /http:\S+\/graphql/.exec(line)![0];
  const ask = async (query: string, variables: object = {}): Promise<Reply> => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return (await response.json()) as Reply;
  };
  return { child, ask };
}

const waiting = (text: string) => ({ name: "a.b", args: { text }, options: { delay: "1h" } });
/** Does not compress: PostgreSQL would store letters that repeat in nearly nothing. */
const bulk = () => Buffer.from(crypto.getRandomValues(new Uint8Array(48_000))).toString("base64");
const idsOf = (reply: Reply): string[] =>
  (reply.data as unknown as { enqueueTasks: { ids: string[] } }).enqueueTasks.ids;

async function ended(child: Child): Promise<{ code: number | null; signal: string | null }> {
  return vi.waitFor(() => (child.running ? Promise.reject(new Error("It still runs.")) : child.exited), {
    timeout: 20_000,
  });
}

test("too little disk space is refused with the figures, as an error that may be sent again", async () => {
  const folder = await tempDir();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  expect(() => checkDiskRoom(folder.path)).not.toThrow();
  let refusal: unknown = null;
  try {
    checkDiskRoom(folder.path, 2 ** 60);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(UnavailableError);
  expect(refusal).toMatchObject({
    retryAfterMs: 10_000,
    message: expect.stringMatching(
      /expected 1099511627776 MiB free in .*, got \d+ MiB\. Nothing was enqueued/,
    ),
  });
});

/** Only root can mount; the other tests of this file do without. */
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

test.runIf(isRoot)(
  "enqueues are refused before the disk is full, and the process serves and ends as ever",
  { timeout: 120_000 },
  async () => {
    const cwd = await project();
    const disk = join(cwd, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=140m", "tmpfs", disk]);
    onTestFinished(() => void execFileSync("umount", ["-l", disk]));
    const { child, ask } = await up(cwd, join(disk, ".lovage"));
    const accepted: string[] = [];
    let refusal: Reply | null = null;
    for (let round = 0; round < 200 && refusal === null; round += 1) {
      const reply = await ask(ENQUEUE, { inputs: Array.from({ length: 10 }, () => waiting(bulk())) });
      if (reply.errors) refusal = reply;
      else accepted.push(...idsOf(reply));
    }
    expect(refusal!.errors![0]).toMatchObject({
      message: expect.stringMatching(
        /disk of the embedded database is almost full: expected 64 MiB free in .*, got \d+ MiB/,
      ),
      extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: expect.any(Number) },
    });
    expect((await ask(IDS)).data).toMatchObject({ tasks: { totalCount: accepted.length } });
    child.kill("SIGTERM");
    expect(await ended(child)).toMatchObject({ code: 0 });
  },
);

test.runIf(process.platform !== "win32")(
  "a PostgreSQL that can write no WAL ends the process with its reason; nothing accepted is lost",
  { timeout: 120_000 },
  async () => {
    const cwd = await project();
    const first = await up(cwd, ".lovage");
    first.child.kill();
    await first.child.exited;
    // No file may grow beyond 3.5 MB: so no new segment of the WAL can be made, for which neither
    // root nor a full disk is needed.
    const limited = await up(cwd, ".lovage", `trap "" XFSZ; ulimit -f 7000;`);
    const accepted: string[] = [];
    for (let round = 0; round < 400 && limited.child.running; round += 1) {
      const reply = await limited
        .ask(ENQUEUE, { inputs: Array.from({ length: 20 }, () => waiting("x".repeat(1_000))) })
        .catch(() => null);
      if (reply === null || reply.errors) break;
      accepted.push(...idsOf(reply));
    }
    expect(await ended(limited.child)).toMatchObject({ code: 69 });
    expect(limited.child.output).toMatch(
      /"level":"fatal".*The embedded database has ended: could not .*File too large/,
    );

    const { child, ask } = await up(cwd, ".lovage");
    const { data } = await ask("{ tasks { totalCount } }");
    const { totalCount } = (data as unknown as { tasks: { totalCount: number } }).tasks;
    expect(accepted.length).toBeGreaterThan(0);
    expect(totalCount).toBeGreaterThanOrEqual(accepted.length);
    const one = await ask("query ($id: ID!) { task(id: $id) { id } }", { id: accepted.at(-1) });
    expect(one.data).toEqual({ task: { id: accepted.at(-1) } });
    child.kill();
    expect(await ended(child)).toMatchObject({ code: 0 });
  },
);
