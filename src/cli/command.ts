import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./failure.ts";

/** A command's work: gets its options and its arguments, returns the exit code. */
export type Run = (context: CommandContext, ...args: string[]) => Promise<ExitCode>;

/** Lets a command load its work, and do it, when it is called. */
export type Serve = (command: Command, load: () => Promise<Run>) => Command;

/** The options of everything that asks a running server. */
export function withServerUrl(command: Command): Command {
  return command
    .option("--url <url>", "the server (LOVAGE_URL, default http://127.0.0.1:4000)")
    .option("--token <token>", "its token (better: LOVAGE_TOKEN)");
}
