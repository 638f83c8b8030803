import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { JsonObject } from "../../lib/json/json.ts";
import { messageOf, toError } from "../../lib/thrown.ts";
import { contractOf, type DefinitionContract } from "../../task/contract/definition-contract.ts";
import type { CommandContext } from "../context.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { loadRegistry } from "../task-files.ts";
import type { Production } from "./production.ts";

/** `lovage contract snapshot`: prints the schemas of the code for a later check. */
export async function snapshot(context: CommandContext): Promise<ExitCode> {
  const { config } = await context.loadConfig("client");
  const registry = await loadRegistry(config, context.cwd);
  context.output.data(JSON.stringify({ definitions: registry.all().map(contractOf) }, null, 2));
  return EXIT.ok;
}

const Schema = z.record(z.string(), z.unknown()).nullable();
const Snapshot = z.object({
  definitions: z.array(z.object({ name: z.string(), inputSchema: Schema, outputSchema: Schema })),
});

/**
 * Reads production from a snapshot, which has no inputs.
 *
 * @throws CommandError (65) for a file that cannot be read
 */
export async function fromSnapshot(path: string): Promise<Production> {
  const definitions = await readSnapshot(path);
  return {
    name: path,
    definitions,
    running: new Set(definitions.map(({ name }) => name)),
    inputs: (async function* () {})(),
  };
}

async function readSnapshot(path: string): Promise<readonly DefinitionContract[]> {
  try {
    const { definitions } = Snapshot.parse(JSON.parse(await readFile(path, "utf8")));
    return definitions as readonly (DefinitionContract & { readonly inputSchema: JsonObject | null })[];
  } catch (error) {
    const reason = error instanceof z.ZodError ? "it is not a snapshot" : messageOf(toError(error));
    throw new CommandError(
      EXIT.data,
      "INVALID_INPUT",
      `Cannot read ${path}: ${reason}.`,
      "Write a snapshot with `lovage contract snapshot`, or name a server by http:// or https://.",
    );
  }
}
