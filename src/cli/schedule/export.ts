import { closest } from "../../lib/suggestion.ts";
import { show } from "../../task/call/enqueue-options.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { type FileFormat, FORMATS, writeSchedules } from "./file.ts";
import { findAll, listAll } from "./find.ts";
import { specOf } from "./record.ts";
import { refuseFlags } from "./refuse.ts";

/** `lovage schedule export [names…]`: a file that `lovage schedule import` takes, on stdout. */
export async function exportSchedules(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const { output } = context;
  const format = readFormat(context);
  await using client = await connect(context);
  const found = names.length > 0 ? await findAll(client, names) : await listAll(client, { source: "API" });
  const fromCode = found.filter(({ source }) => source === "CODE");
  if (fromCode.length > 0)
    output.note(
      `! ${fromCode.map(({ name }) => name).join(", ")}: from code; an import takes them only where they are as the code says.`,
    );
  output.data(writeSchedules(found.map(specOf), format));
  return EXIT.ok;
}

/** `--json` is JSON, whatever else is said. */
function readFormat(context: CommandContext): FileFormat {
  if (context.output.json) return "json";
  const text = (context.text("format") ?? "yaml").toLowerCase();
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  const near = closest(text, FORMATS);
  const message = `must be json or yaml; got ${show(text)}.`;
  const hint = near === null ? "" : `Did you mean ${near}?`;
  refuseFlags(context, [{ code: "INVALID_INPUT", path: ["--format"], message, hint }]);
  return "yaml";
}
