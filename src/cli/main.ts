import { type Command, CommanderError } from "commander";
import { closest } from "../lib/suggestion.ts";
import { CommandError, EXIT, toFailure } from "./failure.ts";
import { Output } from "./output.ts";
import { commandNames, createProgram, optionNames } from "./program.ts";

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  endWithoutOutput();
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    exitCode = report(argv, error);
  }
  await written(process.stdout);
  await written(process.stderr);
  // Nothing may keep the process once the command is done: an idle connection, a timer of a task file.
  process.exit(exitCode);

  function report(args: readonly string[], error: unknown): number {
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) {
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    const cause = error instanceof CommanderError ? toUsageError(program, args, error) : error;
    const failure = toFailure(cause);
    outputOf(args).fail(failure, cause);
    return failure.exitCode;
  }
}

/** Resolves when all that was written is with the system: a pipe takes 64 KiB at once, and an exit would drop the rest. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/**
 * `lovage tasks | head` closes the pipe early: that is not an error. Any other failure of standard output, such as a full disk, ends the
 * command: what was asked for cannot be given. Standard error only carries notes and the log: a process that serves goes on without them.
 */
function endWithoutOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    const hint = "Free space there, or write it elsewhere.";
    const message = `Cannot write to standard output: ${error.message}.`;
    outputOf(process.argv).fail({ exitCode: EXIT.output, code: "CANNOT_WRITE", message, hint }, error);
    process.exit(EXIT.output);
  });
  process.stderr.on("error", () => undefined);
}

/** For errors that come before the options are read. */
function outputOf(args: readonly string[]): Output {
  return new Output({
    json: args.includes("--json"),
    quiet: false,
    verbose: args.includes("--verbose"),
    color: !args.includes("--no-color"),
  });
}

/** Says it in one sentence, with the nearest word that exists. */
function toUsageError(program: Command, args: readonly string[], error: CommanderError): CommandError {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message = withoutValues(first).replaceAll("'", '"').replace(/[^.]$/, "$&.");
  const near =
    nearestWord(program, args, first) ?? /Did you mean (?:one of )?([^?]+)\?/.exec(suggestion ?? "")?.[1];
  const hint = near ? `Did you mean ${near}?` : "lovage --help lists what there is.";
  return new CommandError(EXIT.usage, "USAGE", message, hint);
}

/** What commander does not suggest itself: options of the whole path of commands, and subcommands of a command that also works alone. */
function nearestWord(program: Command, args: readonly string[], message: string): string | null {
  const option = /^unknown option '(-[^'=]*)/.exec(message)?.[1];
  if (option !== undefined) return closest(option, optionNames(program, args));
  if (!message.startsWith("too many arguments")) return null;
  const commands = commandNames(program, args);
  const near = args.filter((arg) => !arg.startsWith("-")).map((arg) => closest(arg, commands));
  return near.find((name) => name !== null) ?? null;
}

/** What was typed in the wrong place may be a password: `--databse-url=postgres://…`, or a URL where a command is expected. */
function withoutValues(message: string): string {
  return message
    .replace(/^(unknown option '-[^'=]*)=.*'$/s, "$1'")
    .replace(/^(unknown command )'.*(?:@|:\/\/).*'$/s, "$1of a form that is not shown");
}
