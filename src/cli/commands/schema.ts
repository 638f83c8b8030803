import { lexicographicSortSchema, printSchema } from "graphql";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { loadRegistry } from "../task-files.ts";

/** `lovage schema`: prints the SDL, with a mutation for every definition found. */
export async function schema(context: CommandContext): Promise<ExitCode> {
  const { config } = await context.loadConfig("client");
  const registry = await loadRegistry(config, context.cwd);
  const { buildLovageSchema } = await import("../../graphql/schema.ts");
  const sdl = printSchema(lexicographicSortSchema(buildLovageSchema(registry)));
  if (context.output.json) context.output.value({ sdl });
  else context.output.data(sdl);
  return EXIT.ok;
}
