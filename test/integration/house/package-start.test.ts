import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const dist = new URL("../../../dist/", import.meta.url);

/** Packages that only servers or pretty logs need. */
const LATE = ["pino-pretty", "reflect-metadata"];

/** Returns which packages of `LATE` a new process has loaded after it ran `code`. */
async function loadedBy(code: string): Promise<string[]> {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({ load: (url, context, next) => { loaded.add(url); return next(url, context); } });
    ${code}
    process.stdout.write(JSON.stringify([...loaded]));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  const urls = JSON.parse(stdout) as readonly string[];
  return LATE.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)));
}

const importing = (file: string) => `await import(${JSON.stringify(new URL(file, dist).href)})`;

test("the package loads no package for pretty logs or servers", async () => {
  expect(await loadedBy(`${importing("index.js")};`)).toEqual([]);
});

test("a pretty log loads pino-pretty, and a server reflect-metadata", async () => {
  expect(await loadedBy(`(${importing("lib/log/log.js")}).createLogger({ pretty: true });`)).toEqual([
    "pino-pretty",
  ]);
  expect(await loadedBy(`${importing("app/server.js")};`)).toEqual(["reflect-metadata"]);
});
