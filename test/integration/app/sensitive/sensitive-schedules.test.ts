import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import { RefusedError } from "../../../../src/errors.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { DefinitionSchedule } from "../../../../src/task/schedule/schedule-input.ts";
import { DEPLOYMENTS } from "../../../support/deployments.ts";

const SECRET = "correct horse";
const newKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`;
const [oldKey, key] = [newKey("k1"), newKey("k2")];
const ARGS = { login: { user: "ada", password: SECRET }, tokens: [`{{name}} ${SECRET}`, "second"] };

/** A task that notes its input, and has these schedules in the code. */
function noting(schedules: readonly DefinitionSchedule[] = []) {
  const seen: unknown[] = [];
  const definition = defineTask({
    name: "secret.note",
    input: z.object({
      login: z.object({ user: z.string(), password: z.string() }),
      tokens: z.array(z.string()),
    }),
    sensitive: ["login.password", "tokens.*"],
    schedules,
    run: (input) => void seen.push(input),
  });
  return { definition, seen };
}

const rowsOf = async (app: App): Promise<string> =>
  JSON.stringify(await app.em().execute("select * from lovage.schedule"));

async function runNow(app: App, name: string): Promise<void> {
  const id = await app.schedules.run(name);
  await (await app.task(id!)).result({ timeout: "20s" });
}

describe.each(DEPLOYMENTS)("secrets in the args of a schedule, $kind", ({ deploy }) => {
  test("are encrypted in its row, and whole for its tasks, also when something else is changed", async () => {
    await using deployment = await deploy();
    const { definition, seen } = noting();
    const app = await deployment.app([definition], ["maintenance", "worker"], { encryptionKeys: key });
    const timing = { interval: { every: "1h" } } as const;
    await app.schedules.create(definition, { name: "hourly", timing, args: ARGS });
    expect(await rowsOf(app)).toContain('"user":"ada"');
    expect(await rowsOf(app)).not.toContain(SECRET);
    await app.schedules.update("hourly", { description: "each hour" });
    expect(await rowsOf(app)).toContain("each hour");
    expect(await rowsOf(app)).not.toContain(SECRET);
    await runNow(app, "hourly");
    expect(seen).toEqual([{ ...ARGS, tokens: [`hourly ${SECRET}`, "second"] }]);
    const args = { ...ARGS, tokens: ["third token"] };
    await app.schedules.update("hourly", { args });
    await runNow(app, "hourly");
    expect(seen.at(-1)).toEqual(args);
    expect(await rowsOf(app)).not.toContain("third token");
  });

  test("that are stored unencrypted, from before keys or by plain SQL, still work, and are encrypted by the next change", async () => {
    await using deployment = await deploy();
    const { definition, seen } = noting();
    const before = await deployment.app([definition], ["maintenance"]);
    const timing = { interval: { every: "1h" } } as const;
    await before.schedules.create(definition, { name: "hourly", timing, args: ARGS });
    expect(await rowsOf(before)).toContain(SECRET);
    await before.stop();
    const app = await deployment.app([definition], ["maintenance", "worker"], { encryptionKeys: key });
    await runNow(app, "hourly");
    expect(seen).toHaveLength(1);
    await app.schedules.update("hourly", { description: "each hour" });
    expect(await rowsOf(app)).not.toContain(SECRET);
  });

  test("values of the code stay unchanged from start to start; with a new first key they are encrypted again", async () => {
    await using deployment = await deploy();
    const { definition } = noting([{ name: "coded", timing: { interval: { every: "1h" } }, args: ARGS }]);
    const versions: unknown[] = [];
    for (const encryptionKeys of [oldKey, oldKey, `${key},${oldKey}`, key]) {
      const app = await deployment.app([definition], ["maintenance", "beat"], { encryptionKeys });
      const [row] = await app
        .em()
        .execute<{ version: number; args: string }[]>(
          "select version, args::text as args from lovage.schedule",
        );
      versions.push([row!.version, /"k\d\./.exec(row!.args)?.[0]]);
      expect(row!.args).not.toContain(SECRET);
      await app.stop();
    }
    expect(versions).toEqual([
      [1, '"k1.'],
      [1, '"k1.'],
      [2, '"k2.'],
      [2, '"k2.'],
    ]);
  });

  test("cannot be sent by a caller: neither as the value of a sensitive field, nor to show another task's value", async () => {
    await using deployment = await deploy();
    const { definition } = noting();
    const loose = defineTask({ name: "secret.loose", sensitive: ["token"], run: () => null });
    const app = await deployment.app([definition, loose], ["maintenance"], { encryptionKeys: key });
    const timing = { interval: { every: "1h" } } as const;
    await app.schedules.create(definition, { name: "hourly", timing, args: ARGS });
    const [row] = await app.em().execute<{ args: typeof ARGS }[]>("select args from lovage.schedule");
    const copied = row!.args.login.password as never;
    const stolen = app.schedules.update("hourly", {
      args: { ...ARGS, login: { user: copied, password: "x" } },
    });
    await expect(stolen).rejects.toThrow(/args\.login\.user/);
    for (const args of [{ token: copied }, { note: [{ deep: copied }] }, { note: { $sealed: 7, x: 1 } }])
      await expect(app.schedules.create(loose, { name: "s", timing, args } as never)).rejects.toThrow(
        /\.\$sealed: is a key that stands for an encrypted value, which callers cannot send/,
      );
  });

  test("cannot be used without their key: the error names the key", async () => {
    await using deployment = await deploy();
    const { definition, seen } = noting();
    const before = await deployment.app([definition], ["maintenance"], { encryptionKeys: oldKey });
    const timing = { interval: { every: "1h" } } as const;
    await before.schedules.create(definition, { name: "hourly", timing, args: ARGS });
    await before.stop();
    const app = await deployment.app([definition], ["maintenance", "worker"], { encryptionKeys: key });
    for (const attempt of [
      () => app.schedules.run("hourly"),
      () => app.schedules.update("hourly", { description: "each hour" }),
    ])
      await expect(attempt()).rejects.toThrow(/the key "k1" is not known here.*LOVAGE_ENCRYPTION_KEYS/s);
    await expect(app.schedules.run("hourly")).rejects.toBeInstanceOf(RefusedError);
    // Whoever knows the args may say them again.
    await app.schedules.update("hourly", { args: ARGS });
    await runNow(app, "hourly");
    expect(seen).toHaveLength(1);
  });
});
