import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../support/temp-dir.ts";
import { runCli } from "../../support/run-cli.ts";

interface Settings {
  readonly file: string | null;
  readonly settings: Readonly<
    Record<string, { readonly value: unknown; readonly source: string; readonly env: string }>
  >;
}

async function setup(files: Readonly<Record<string, string>>) {
  const folder = await tempDir();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
  const cwd = folder.path;
  return {
    cwd,
    run: (args: readonly string[], env: Readonly<Record<string, string>> = {}) => runCli(args, { cwd, env }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe.concurrent("lovage config", () => {
  test.each([
    ["", "Etc/Unknown"],
    ["Foo/Bar", "none"],
  ])(
    "with TZ=%j, which is not the name of a zone, the time zone is UTC, and a log line reports it",
    async (TZ, reported) => {
      await using project = await setup({});
      const { exitCode, stdout, stderr } = await project.run(["config", "--json"], { TZ });
      expect(exitCode).toBe(0);
      const { settings } = JSON.parse(stdout) as Settings;
      expect(settings["timeZone"]).toMatchObject({ value: "UTC", source: "default" });
      expect(stderr).toContain(
        `Intl reports "${reported}"). Schedules without a time zone use UTC. Set LOVAGE_TIME_ZONE`,
      );
      const named = await project.run(["config", "--json"], { TZ, LOVAGE_TIME_ZONE: "Asia/Shanghai" });
      expect(named.stderr).toBe("");
    },
  );

  test("reads lovage.config.ts, with types and without an installed package, .env, the environment and flags", async () => {
    await using project = await setup({
      "lovage.config.ts": `import { defineConfig } from "lovage";
        interface Port { value: number }
        const port: Port = { value: 4100 };
        export default defineConfig({ port: port.value, prefix: "file", heartbeat: "3s", maxCrashes: 5 });`,
      ".env": "LOVAGE_PREFIX=dotenv\nLOVAGE_CONCURRENCY=7\n",
    });
    const { exitCode, stdout } = await project.run(["config", "--json", "--concurrency", "9"], {
      LOVAGE_HEARTBEAT: "4s",
    });
    expect(exitCode).toBe(0);
    const { file, settings } = JSON.parse(stdout) as Settings;
    expect(file).toBe(join(project.cwd, "lovage.config.ts"));
    expect(settings).toMatchObject({
      port: { value: 4100, source: "file", env: "PORT" },
      prefix: { value: "dotenv", source: ".env" },
      heartbeat: { value: 4000, source: "environment" },
      concurrency: { value: 9, source: "flag" },
      maxCrashes: { value: 5, source: "file" },
      graceTime: { value: 30_000, source: "default" },
    });
  });

  test("prints a table without secrets", async () => {
    await using project = await setup({});
    const env = {
      REDIS_URL: "redis://:hunter2@cache:6379",
      DATABASE_URL: "postgres://ada:hunter2@db/lovage",
      LOVAGE_TOKEN: "hunter2-Wq9z-4LmT-x",
    };
    const { stdout, stderr } = await project.run(["config"], env);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(stdout).toMatch(/^SETTING +VALUE +SOURCE$/m);
    expect(stdout).toMatch(/^redisUrl +redis:\/\/\*\*\*@cache:6379 +environment REDIS_URL$/m);
    expect(stdout).toMatch(/^token +\*\*\* +environment LOVAGE_TOKEN$/m);
    expect(stdout).toMatch(/^heartbeat +5s +default$/m);
  });

  test("warns of variables that mean nothing, and of settings that lovage up would refuse", async () => {
    await using project = await setup({});
    const { exitCode, stderr } = await project.run(["config"], { LOVAGE_HEARBEAT: "1s", HOST: "0.0.0.0" });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      "! LOVAGE_HEARBEAT is set, but there is no such setting. Did you mean LOVAGE_HEARTBEAT?",
    );
    expect(stderr).toMatch(/! lovage up would refuse to start: host \(HOST\)/);
  });

  test("--config names another file", async () => {
    await using project = await setup({
      "lovage.config.js": "export default { port: 1 };",
      "other.mjs": "export default { port: 2 };",
    });
    const { stdout } = await project.run(["config", "--json", "--config", "other.mjs"]);
    expect((JSON.parse(stdout) as Settings).settings["port"]).toMatchObject({ value: 2, source: "file" });
  });

  test.each([
    [
      "export default { port: 'x', hots: 'h' };",
      /^✗ hots \(lovage\.config\.ts\): .* Did you mean host\?\n✗ port \(lovage\.config\.ts\): expected/,
    ],
    [
      "export const config = {};",
      /^✗ lovage\.config\.ts has no settings as its default export\. Write: export default defineConfig/,
    ],
    ["export default {\n  port: 1,\n  };;x y", /^✗ lovage\.config\.ts:3:\d+ SyntaxError: /],
    [
      'import "nowhere";\nexport default {};',
      /^✗ lovage\.config\.ts Cannot find package 'nowhere' .* Install it in the project: npm install <package>\./,
    ],
    [
      "const x = null;\nexport default { port: x.port };",
      /^✗ lovage\.config\.ts:2:26 TypeError: Cannot read properties of null/,
    ],
    [
      "enum A { B }\nexport default { port: A.B };",
      /^✗ lovage\.config\.ts:1:1 SyntaxError: TypeScript enum is not supported .* compile the file/,
    ],
  ])("a file with %j ends with 78 and names the position of the mistake", async (content, message) => {
    await using project = await setup({ "lovage.config.ts": content });
    const { exitCode, stderr, stdout } = await project.run(["config"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("an unreadable .env is reported, not skipped", async () => {
    await using project = await setup({});
    await mkdir(join(project.cwd, ".env"));
    await chmod(join(project.cwd, ".env"), 0o700);
    const { exitCode, stderr } = await project.run(["config"]);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/^✗ Cannot read the file \.env: /);
  });
});

describe.concurrent("commands that serve", () => {
  test.each([
    [["worker"], {}, /^✗ lovage worker shares PostgreSQL and Redis .* only lovage up runs without them\.\n$/],
    [["server"], { DATABASE_URL: "postgres://h/db" }, /redisUrl \(REDIS_URL\) is not set/],
    [["up"], { HOST: "0.0.0.0" }, /Set LOVAGE_TOKEN/],
    [["up"], { REDIS_URL: "redis://h" }, /Set DATABASE_URL too/],
    [["migrate"], {}, /databaseUrl \(DATABASE_URL\) is not set/],
  ])("%j with %j are refused with 78 before anything starts", async (args, env, message) => {
    await using project = await setup({});
    const { exitCode, stderr } = await project.run(args, env as Record<string, string>);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(message);
  });

  test.each([
    [
      [],
      {},
      /^✗ No task files were found by \*\*\/\*\.tasks\.\{ts,js,mts,mjs,cts,cjs\} in .*\. Name the files with --tasks/,
    ],
    [["--tasks", "missing.tasks.ts"], {}, /^✗ There is no file missing\.tasks\.ts\./],
    [[], { "bad.tasks.ts": "export const a: number = ;" }, /^✗ bad\.tasks\.ts:1:26 SyntaxError: /],
    [
      [],
      {
        "a.tasks.mjs":
          'import { defineTask } from "lovage"; export const a = defineTask({ name: "x.y", run: () => 1 });',
        "b.tasks.mjs":
          'import { defineTask } from "lovage"; export const b = defineTask({ name: "x.y", run: () => 2 });',
      },
      /^✗ Two task definitions .* \(a\.tasks\.mjs, b\.tasks\.mjs\)/,
    ],
  ])("up %j with the files %j ends with 65 and one line", async (args, files, message) => {
    await using project = await setup(files as Record<string, string>);
    const { exitCode, stderr } = await project.run(["up", ...args, "--port", "0"]);
    expect(stderr).toMatch(message);
    expect({ exitCode, lines: stderr.trim().split("\n").length }).toEqual({ exitCode: 65, lines: 1 });
  });
});
