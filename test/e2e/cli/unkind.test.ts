import { readdir } from "node:fs/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { freshDatabase } from "../../support/servers/global-servers.ts";
import { startRedis } from "../../support/servers/redis-server.ts";
import { project, TASK } from "../../support/project.ts";

async function listen(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

test("task files that export no definition are named", async () => {
  const { run } = await project({ "a.tasks.mjs": "export const nothing = 1;" });
  const { exitCode, stdout, stderr } = await run(["schema"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: "" });
  expect(stderr).toMatch(
    /^✗ No task definition is exported by a\.tasks\.mjs\. Export what defineTask returns/,
  );
});

test("a used port is reported before a new embedded database is created", async () => {
  const { folder, run } = await project();
  const { port } = await listen();
  const { exitCode, stderr } = await run(["up", "--port", String(port)]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 69,
    stderr: `✗ Port ${port} is taken by another process; set PORT.\n`,
  });
  expect(await readdir(folder)).not.toContain(".lovage");
});

test("an embedded folder that is a file is not reported as a bug of Lovage", async () => {
  const { run } = await project({ "a.tasks.mjs": TASK, ".lovage": "" });
  const { exitCode, stderr } = await run(["up", "--port", "0"]);
  expect(exitCode).toBe(78);
  expect(stderr).toMatch(
    /^✗ The embedded database cannot use the folder .*\.lovage \(ENOTDIR\)\. Name another/m,
  );
});

test("the doctor waits for all servers at once when none answers", async () => {
  const { run } = await project();
  const { port } = await listen();
  const at = `127.0.0.1:${port}`;
  const startedAt = performance.now();
  const { exitCode, stdout } = await run(["doctor", "--url", `http://${at}`], {
    DATABASE_URL: `postgres://u:secret@${at}/x`,
    REDIS_URL: `redis://:secret@${at}`,
  });
  // Each waits for up to 6 s: one after the other would take 12 s or more.
  expect(performance.now() - startedAt).toBeLessThan(11_000);
  expect(exitCode).toBe(1);
  expect(stdout.match(/^✗ .*$/gm)).toEqual([
    `✗ Cannot reach PostgreSQL at ${at}/x (no answer, or no PostgreSQL). Start it, or change DATABASE_URL.`,
    expect.stringMatching(/^✗ Cannot reach Redis at /),
    `✗ the server at http://${at} did not answer within 6 s. See its log, or set another address with --url.`,
  ]);
  expect(stdout).not.toContain("secret");
});

test.each([
  { rights: "~* &* +ping +info", denied: /commands that Lovage needs: XADD, .*, EVALSHA, .* \(NOPERM / },
  {
    rights: "~* &* +@all -@blocking",
    denied:
      /commands that Lovage needs: XREAD, XREADGROUP \(NOPERM .*xread.*\)\. Correct .* \+xread \+xreadgroup ~/,
  },
  { rights: "~* &* +@all -@scripting", denied: /needs: EVAL, EVALSHA \(NOPERM / },
  { rights: "~other* &* +@all", denied: /needs: .*\(NOPERM .* keys? .*~\{lovage\* ~lovage:\* &\{lovage\*/s },
  { rights: "~* &other* +@all", denied: /needs: PUBLISH \(NOPERM / },
])(
  "a Redis user with only the rights $rights is refused at the start, and the doctor reports why",
  async (part) => {
    const { run } = await project();
    const args = ["--user", "limited", "on", ">pw", ...part.rights.split(" ")];
    await using redis = await startRedis({ args });
    const database = await freshDatabase();
    onTestFinished(() => database.drop());
    const redisUrl = `redis://limited:pw@127.0.0.1:${redis.port}`;
    const env = { DATABASE_URL: database.url, REDIS_URL: redisUrl };
    const { exitCode, stderr } = await run(["worker", "--migrate"], env);
    expect(stderr).toMatch(/✗ Redis at 127\.0\.0\.1:\d+ denies its user /);
    expect(stderr).toMatch(part.denied);
    expect(exitCode).toBe(77);
    const doctor = await run(["doctor"], env);
    expect(doctor.stdout).toMatch(/✗ Redis at 127\.0\.0\.1:\d+ denies its user /);
    expect(doctor.stdout).toMatch(part.denied);
    expect(doctor.stdout).not.toMatch(/bug/);
  },
);

test("a promise that a task file forgot does not end the start", async () => {
  const { run } = await project({
    "a.tasks.mjs": `${TASK}Promise.reject(new Error("late")); await new Promise((resolve) => setTimeout(resolve, 50));`,
  });
  const env = { DATABASE_URL: "postgres://u@127.0.0.1:1/x", REDIS_URL: inject("redisUrl") };
  const { exitCode, stderr } = await run(["worker"], env);
  expect(stderr).toMatch(/Unhandled promise rejection/);
  expect(stderr).toMatch(/✗ Cannot reach PostgreSQL at 127\.0\.0\.1:1\/x \(ECONNREFUSED\)/);
  expect(exitCode).toBe(69);
});
