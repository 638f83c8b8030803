import { lexicographicSortSchema, printSchema } from "graphql";
import { discoverDefinitions, refuseNoDefinitions } from "../../loading/discovery.ts";
import type { CommandContext } from "../context.ts";
import { Registry } from "../../task/definition/registry.ts";
import { EXIT, type ExitCode } from "../failure.ts";

/** `lovage schema`: prints the SDL, with a mutation for every definition found. */
export async function schema(context: CommandContext): Promise<ExitCode> {
  const { config } = await context.loadConfig("client");
  const search = { globs: config.tasks, cwd: context.cwd };
  const tasks = await discoverDefinitions(search);
  await refuseNoDefinitions(tasks, search);
  const { buildLovageSchema } = await import("../../graphql/schema.ts");
  const sdl = printSchema(lexicographicSortSchema(buildLovageSchema(new Registry(tasks))));
  if (context.output.json) context.output.value({ sdl });
  else context.output.data(sdl);
  return EXIT.ok;
}
