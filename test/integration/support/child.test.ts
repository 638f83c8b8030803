import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { startChild } from "../../support/child.ts";

const script = (code: string): [string, string[]] => [process.execPath, ["-e", code]];

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("waits for a line of either stream, also one printed before", async () => {
  await using child = await startChild(
    ...script(`console.log("one"); console.error("two 2"); setInterval(() => {}, 1000)`),
  );
  expect(await child.waitForLine(/two (\d)/)).toBe("two 2");
  expect(await child.waitForLine(/^one$/)).toBe("one");
  expect(child.stdoutLines).toEqual(["one"]);
  expect(child.stderrLines).toEqual(["two 2"]);
});

test("reports how the process ended and its output when the line never comes", async () => {
  await using child = await startChild(...script(`console.error("no database"); process.exit(3)`), {
    name: "server",
  });
  const message = /^server ended with exit code 3 and printed no line like \/ready\/.*\nstderr: no database$/;
  await expect(child.waitForLine(/ready/)).rejects.toThrow(message);
  expect(await child.exited).toEqual({ code: 3, signal: null });
});

test("gives up waiting after the time it was given", async () => {
  await using child = await startChild(...script(`console.log("busy"); setInterval(() => {}, 1000)`), {
    name: "server",
  });
  await child.waitForLine(/busy/);
  await expect(child.waitForLine(/ready/, 50)).rejects.toThrow(/^server ran for 50 ms and .*\nbusy$/);
});

test("adds and takes away variables of the environment", async () => {
  const code = `console.log(process.env.ADDED, process.env.HOME, typeof process.env.PATH)`;
  await using child = await startChild(...script(code), { env: { ADDED: "yes", HOME: undefined } });
  await child.exited;
  expect(child.stdoutLines).toEqual(["yes undefined string"]);
});

test("rejects when the program can't be started", async () => {
  await expect(startChild("no-such-program", [])).rejects.toThrow("ENOENT");
});

test("disposing kills a child that refuses to end", async () => {
  const child = await startChild(
    ...script(`process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)`),
  );
  await child.waitForLine(/up/);
  child.kill();
  await child[Symbol.asyncDispose]();
  expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
});

test("a child and a temporary folder go with the process that made them, even when it is killed", async () => {
  const modules = ["../../support/child.ts", "../../support/temp-dir.ts"].map((name) =>
    JSON.stringify(import.meta.resolve(name)),
  );
  const owner = await startChild(process.execPath, [
    "--input-type=module",
    "-e",
    `const [{ startChild }, { tempDir }] = await Promise.all([import(${modules[0]}), import(${modules[1]})]);
     const child = await startChild(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
     console.log("made", child.pid, (await tempDir()).path);`,
  ]);
  const [, pid, path] = (await owner.waitForLine(/made/)).split(" ");
  expect(isRunning(Number(pid))).toBe(true);
  owner.kill("SIGKILL");
  await vi.waitFor(() => {
    expect(isRunning(Number(pid))).toBe(false);
    expect(existsSync(path!)).toBe(false);
  }, 10_000);
});
