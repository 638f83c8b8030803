import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIG_KEYS } from "../../../src/config/settings.ts";
import { showSetting } from "../../../src/config/show.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import { ConfigError } from "../../../src/errors.ts";
import { parseRedisUrl } from "../../../src/redis/url.ts";
import { readDatabaseUrl } from "../../../src/store/connection/database-url.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { tempDir, type TempDir } from "../../support/temp-dir.ts";
import { runCli } from "../../support/run-cli.ts";

const SECRET = "K2hunter";
/**
 * Where parsers of URLs take a password for something else: its host, port, path, parameters,
 * fragment.
 */
const PASSWORDS = [
  `/${SECRET}+x=`,
  `9f/${SECRET}`,
  `9/${SECRET}/1`,
  `9?${SECRET}`,
  `9/x?sslmode=${SECRET}`,
  `9#${SECRET}`,
  `a@${SECRET}/b`,
  `${SECRET}:${SECRET}@x`,
  ` ${SECRET} `,
  `a\n${SECRET}`,
  `'"\`${SECRET}\\`,
  `%zz${SECRET}`,
];
const COMMANDS = [
  ["config"],
  ["config", "--json"],
  ["doctor", "--json"],
  ["migrate", "--verbose"],
  ["worker", "--verbose", "--log-level", "trace"],
  ["up", "--json"],
  ["workers", "--verbose"],
];

let folder: TempDir;
let port: number;
beforeAll(async () => {
  [folder, port] = await Promise.all([tempDir(), freePort()]);
  await writeFile(
    join(folder.path, "a.tasks.mjs"),
    'import { defineTask } from "lovage";\nexport const a = defineTask({ name: "a.b", run: () => 1 });\n',
  );
});
afterAll(() => folder[Symbol.asyncDispose]());

const SETTINGS = {
  DATABASE_URL: (password: string) => `postgres://app:${password}@127.0.0.1:${port}/x`,
  REDIS_URL: (password: string) => `redis://:${password}@127.0.0.1:${port}`,
  LOVAGE_URL: (password: string) => `http://app:${password}@127.0.0.1:${port}`,
  LOVAGE_ALLOWED_ORIGINS: (password: string) => `https://app:${password}@example.org`,
  LOVAGE_ROUTES: (password: string) => JSON.stringify([{ match: `amqp://a:${password}@h` }]),
  HOST: (password: string) => `http://a:${password}@h`,
} as const;

/** Each setting with another of the passwords. */
function environment(first: number): Record<string, string> {
  const entries = Object.entries(SETTINGS).map(([name, urlWith], index) => [
    name,
    urlWith(PASSWORDS[(first + index) % PASSWORDS.length]!),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

async function outputOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout, stderr } = await runCli(args, { cwd: folder.path, env });
  return stdout + stderr;
}

test.each(PASSWORDS)("no reader of a setting shows a URL's password %j", (password) => {
  for (const [variable, urlWith] of Object.entries(SETTINGS)) {
    let shown = "";
    try {
      const { config } = resolveConfig({ env: { [variable]: urlWith(password) } });
      shown = CONFIG_KEYS.map((key) => showSetting(key, config[key])).join("\n");
      if (config.databaseUrl !== null) readDatabaseUrl(config.databaseUrl);
      if (config.redisUrl !== null) parseRedisUrl(config.redisUrl);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      shown += (error as ConfigError).message;
    }
    expect(shown).not.toContain(SECRET);
  }
});

describe.concurrent("no command shows a password of a URL", () => {
  test.each(COMMANDS)("lovage %s %s, whatever the password is", async (...command) => {
    for (let first = 0; first < PASSWORDS.length; first += 4) {
      const output = await outputOf(command, environment(first));
      expect(output).toContain("Percent-encode");
      expect(output).not.toContain(SECRET);
    }
  });

  test.each(COMMANDS)("lovage %s %s, where the URL is right and no server answers", async (...command) => {
    const password = encodeURIComponent(PASSWORDS.join(""));
    const env = { DATABASE_URL: SETTINGS.DATABASE_URL(password), REDIS_URL: SETTINGS.REDIS_URL(password) };
    const output = await outputOf(command, env);
    expect(output).toContain("127.0.0.1");
    expect(output).not.toContain(SECRET);
    expect(output).not.toContain(password);
  });

  test("a single URL after a space, and one as a flag", async () => {
    const REDIS_URL = SETTINGS.REDIS_URL(PASSWORDS[1]!);
    for (const args of [
      ["--redis-url", ` ${REDIS_URL}`],
      [`--redis-ulr=${REDIS_URL}`],
      ["--from", REDIS_URL],
    ]) {
      const output = await outputOf(["config", ...args], {});
      expect(output).toMatch(/^✗/);
      expect(output).not.toContain(SECRET);
    }
    expect(await outputOf([REDIS_URL], {})).toBe(
      "✗ unknown command (not shown, it looks like a URL). See `lovage --help`.\n",
    );
  });

  test("the file's URLs, written as something else than strings", async () => {
    await using own = await tempDir();
    const config = `export default { databaseUrl: ["postgres://a:${SECRET}@h/x"], redisUrl: new URL("redis://:${SECRET}@h") };`;
    await writeFile(join(own.path, "lovage.config.mjs"), config);
    const { stderr } = await runCli(["config"], { cwd: own.path });
    expect(stderr).toMatch(/databaseUrl \(lovage\.config\.mjs\): .*got an array of 1\./);
    expect(stderr).toMatch(/redisUrl \(lovage\.config\.mjs\): .*got an object\./);
    expect(stderr).not.toContain(SECRET);
  });

  test("import celery-beat names its option, and not its value", async () => {
    for (const password of PASSWORDS.slice(0, 3)) {
      const output = await outputOf(["import", "celery-beat", "--from", SETTINGS.DATABASE_URL(password)], {});
      expect(output).toMatch(/^✗ --from: expected a URL such as postgres:.*Percent-encode/);
      expect(output).not.toContain(SECRET);
    }
  });
});

test("lovage config shows neither encryption keys nor the args of schedules", async () => {
  const env = {
    LOVAGE_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, "key").toString("base64")}`,
    LOVAGE_SCHEDULES: JSON.stringify([
      { name: "n", taskName: "t.t", timing: { every: "1h" }, args: { card: SECRET } },
    ]),
  };
  for (const args of [["config"], ["config", "--json"]]) {
    const output = await outputOf(args, env);
    expect(output).toContain('"taskName":"t.t"');
    expect(output).not.toMatch(
      new RegExp(`${SECRET}|107,101,121|${env.LOVAGE_ENCRYPTION_KEYS.slice(3, 20)}`),
    );
  }
});
