import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { openLog } from "./serve/serve.ts";

/**
 * `lovage migrate`: applies pending migrations. Safe to run again, and by several processes at
 * once.
 */
export async function migrate(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const { config } = await context.loadConfig("migrate");
  const { openDatabase } = await import("../../app/app.ts");
  const database = openDatabase(config, openLog(config));
  try {
    await database.connect();
    const applied = await database.migrate();
    if (output.json) output.value({ applied });
    else if (applied.length === 0) output.note("✔ Nothing to apply: the database is up to date.");
    else output.data(applied.map((name) => `✔ ${name}`).join("\n"));
    return EXIT.ok;
  } finally {
    await database.close();
  }
}
