import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { ConfigInput } from "../../../src/config/config.ts";
import { createApp } from "../../../src/app/create-app.ts";
import { ConfigError, RefusedError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { TaskDefinition } from "../../../src/task/definition/definition.ts";
import type { DefinitionSchedule } from "../../../src/task/schedule/schedule-input.ts";
import type { TaskSchedule } from "../../../src/task/schedule/schedule.ts";
import { tempDir } from "../../support/temp-dir.ts";

type Said = { readonly text: string; readonly schedule: TaskSchedule | null };

/** A task that notes what it was told, and the schedule that made it. */
function noting(schedules: readonly DefinitionSchedule[] = []): {
  readonly definition: TaskDefinition<{ text?: string | undefined }, undefined>;
  readonly said: Said[];
} {
  const said: Said[] = [];
  const definition = defineTask({
    name: "test.note",
    input: z.object({ text: z.string().default("") }),
    schedules,
    run: ({ text }, { schedule }): undefined => void said.push({ text, schedule }),
  });
  return { definition, said };
}

async function openApp(
  folder: string,
  definition: TaskDefinition<{ text?: string | undefined }, undefined>,
  config: Omit<ConfigInput, "tasks"> = {},
) {
  const app = createApp({
    tasks: [definition],
    roles: ["maintenance", "beat", "worker"],
    config: { embeddedDir: folder, ...config },
    log: silentLogger,
  });
  await app.start();
  return app;
}

test("a schedule made from TypeScript runs at its slots, knows itself, and can be changed, stopped and deleted", async () => {
  await using folder = await tempDir("lovage-schedules-");
  const { definition, said } = noting();
  await using app = await openApp(folder.path, definition);
  const made = await app.schedules.create(definition, {
    name: "each second",
    timing: { interval: { every: "1s" } },
    args: { text: "{{name}} {{slot}}" },
  });
  await vi.waitFor(() => expect(said.length).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
  const slots = said.map(({ schedule }) => schedule!.slot!.getTime());
  expect(slots[0]).toBe(made.createdAt.getTime() + 1_000);
  expect(said[0]).toEqual({
    text: `each second ${new Date(slots[0]!).toISOString()}`,
    schedule: { id: made.id, name: "each second", slot: new Date(slots[0]!) },
  });
  expect(await app.schedules.nextRuns("each second", 2)).toHaveLength(2);

  await app.schedules.update("each second", { args: { text: "changed" }, version: 1 });
  await vi.waitFor(() => expect(said.at(-1)!.text).toBe("changed"), { timeout: 10_000 });
  await expect(app.schedules.update("each second", { maxRuns: 1, version: 1 })).rejects.toThrow(
    "it is at version 2 now",
  );
  await app.schedules.disable("each second");
  expect(await app.schedules.nextRuns("each second")).toEqual([]);
  const id = await app.schedules.run("each second");
  expect(await (await app.task(id!)).result({ timeout: "10s" })).toBeNull();
  expect(said.at(-1)!.schedule).toEqual({ id: made.id, name: "each second", slot: null });
  const names: string[] = [];
  for await (const { name } of app.schedules.list()) names.push(name);
  expect(names).toEqual(["each second"]);
  expect(await app.schedules.delete("each second")).toBe(true);
  expect(await app.schedules.delete("each second")).toBe(false);
  await expect(app.schedules.enable("each second")).rejects.toThrow(RefusedError);
});

test("schedules of the code are created, changed and deleted with it; a disabled one stays disabled", async () => {
  await using folder = await tempDir("lovage-schedules-");
  const hourly = { interval: { every: "1h" } };
  const configured = (part: object = {}) => ({
    schedules: [{ name: "configured", taskName: "test.note", timing: hourly, ...part }],
  });
  {
    await using app = await openApp(folder.path, noting([{ timing: hourly }]).definition, configured());
    expect(await app.schedules.get("configured")).toMatchObject({ source: "CODE", enabled: true });
    expect(await app.schedules.get("test.note")).toMatchObject({ source: "CODE", taskName: "test.note" });
    await expect(app.schedules.update("configured", { maxRuns: 1 })).rejects.toThrow("comes from code");
    await app.schedules.disable("configured");
  }
  const before = noting([{ timing: hourly }]).definition;
  {
    await using app = await openApp(folder.path, before, configured({ description: "Now with words." }));
    expect(await app.schedules.get("configured")).toMatchObject({
      enabled: false,
      description: "Now with words.",
    });
    // Nothing of this one changed.
    expect(await app.schedules.get("test.note")).toMatchObject({ version: 1 });
    await app.schedules.create(before, { name: "by hand", timing: hourly });
  }
  await using app = await openApp(folder.path, noting().definition);
  expect([await app.schedules.get("configured"), await app.schedules.get("test.note")]).toEqual([null, null]);
  expect(await app.schedules.get("by hand")).toMatchObject({ source: "API" });
});

test("mistakes in schedules of the code are reported all at once, and nothing starts", async () => {
  await using folder = await tempDir("lovage-schedules-");
  const { definition } = noting([{ name: "beside", timing: { crontab: "61 * * * *" } }]);
  const schedules = [
    { name: "twice", taskName: "test.note", timing: { crontab: "@daily" } },
    { name: "twice", taskName: "test.note", timing: { crontab: "@daily" }, args: { text: 5 } as never },
  ];
  const error = await openApp(folder.path, definition, { schedules }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const { message } = error as ConfigError;
  expect(message).toContain("Schedule beside.timing.crontab: Field minute: 61 is over 59 (position 1).");
  expect(message).toContain("Schedule twice: is there twice in the code.");
  expect(message).toContain("Schedule twice.args.text: ");
});
